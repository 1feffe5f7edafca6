import type { Logger } from '../observe/log.ts';

const MAX_LINE = 8192;

/** Lets through so many lines a second; says once how many it held back. */
export class LineRate {
  readonly #perSecond: number;
  #second = 0;
  #used = 0;
  #heldBack = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether one more line may pass now. */
  admit(logger: Logger): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#used = 0;
      if (this.#heldBack > 0) {
        logger.warn('guest wrote more lines than limits.logLines allows; some were dropped', {
          dropped: this.#heldBack,
          linesPerSecond: this.#perSecond,
        });
        this.#heldBack = 0;
      }
    }
    if (this.#used < this.#perSecond) {
      this.#used += 1;
      return true;
    }
    this.#heldBack += 1;
    return false;
  }
}

/** Turns what a guest writes to one stream into log lines of its plugin. */
export class OutputLines {
  readonly #logger: Logger;
  readonly #stream: 'stdout' | 'stderr';
  readonly #rate: LineRate;
  readonly #decoder = new TextDecoder();
  #partial = '';

  constructor(logger: Logger, stream: 'stdout' | 'stderr', rate: LineRate) {
    this.#logger = logger;
    this.#stream = stream;
    this.#rate = rate;
  }

  /** Reads `bytes` at once and keeps no reference to them. */
  write(bytes: Uint8Array): void {
    const lines = (this.#partial + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    if (this.#partial.length > MAX_LINE) this.flush();
  }

  /** Emits what has no line end yet. */
  flush(): void {
    if (this.#partial !== '') this.#emit(this.#partial);
    this.#partial = '';
  }

  #emit(line: string): void {
    if (line.trim() === '' || !this.#rate.admit(this.#logger)) return;
    const text = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)} [cut]` : line;
    this.#logger[this.#stream === 'stdout' ? 'info' : 'warn'](text, { stream: this.#stream });
  }
}

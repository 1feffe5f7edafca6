import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InterruptWatch } from '../../src/guest/interrupt-watch.ts';

/** Past its limit by this many ms a call does not heed it. */
const UNHEEDED = 10_000;

/** A thread that runs modules one after another, and the watch over it. */
export class RunsModules {
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  #stuck: ((error: Error) => void) | undefined;

  private constructor(worker: Worker, words: SharedArrayBuffer) {
    this.#worker = worker;
    const watch = new InterruptWatch(words);
    this.#timer = setInterval(() => {
      if (watch.look(performance.now()) < UNHEEDED) return;
      clearInterval(this.#timer);
      this.#stuck?.(new Error('a call went on past its limit'));
    }, 2);
  }

  static async start(): Promise<RunsModules> {
    const worker = new Worker(new URL('module-thread.ts', import.meta.url));
    const [words] = (await once(worker, 'message')) as [SharedArrayBuffer];
    return new RunsModules(worker, words);
  }

  /** Calls everything that the module exports; gives how many functions were called. */
  async run(bytes: Uint8Array): Promise<number> {
    const stuck = new Promise<never>((_, reject) => {
      this.#stuck = reject;
    });
    const answer = once(this.#worker, 'message') as Promise<[number]>;
    this.#worker.postMessage(bytes);
    const [called] = await Promise.race([answer, stuck]);
    return called;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.terminate();
  }
}

import type { LogSink } from '../observe/log.ts';
import { PluginThread } from './plugin-thread.ts';

/**
 * One thread with its libraries loaded that is nobody's yet, so that whichever plugin needs a
 * successor gets one without the time that starting a thread takes.
 */
export class WarmSpare {
  readonly #log: LogSink;
  #spare: PluginThread | undefined;

  constructor(log: LogSink) {
    this.#log = log;
  }

  /** Gives the spare away, or a new thread where there is none. */
  take(): PluginThread {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare === undefined || spare.exited ? new PluginThread(this.#log) : spare;
  }

  /** Starts the next spare; called when nothing urgent is left to do. */
  refill(): void {
    this.#spare ??= new PluginThread(this.#log);
  }

  async close(): Promise<void> {
    const spare = this.#spare;
    this.#spare = undefined;
    await spare?.retire(0);
  }
}

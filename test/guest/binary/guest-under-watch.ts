import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { InterruptWatch } from '../../../src/guest/interrupt-watch.ts';

export interface GuestOrder {
  readonly name: string;
  readonly values: readonly number[];
  /** ms */
  readonly limit: number;
  readonly promising: boolean;
}

export type GuestReport =
  | { kind: 'ready'; words: SharedArrayBuffer }
  | { kind: 'returned'; value: unknown; stopped: boolean }
  | { kind: 'threw'; error: string; stopped: boolean }
  | { kind: 'not started'; error: string };

/** A guest in a worker thread whose calls this thread watches, as the supervisor does. */
export class GuestUnderWatch {
  readonly #worker: Worker;
  #timer: NodeJS.Timeout | undefined;
  /** How long the last call that had to be stopped went on after its limit, in ms. */
  overdue = 0;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(bytes: Uint8Array, interruptible = true): Promise<GuestUnderWatch> {
    const worker = new Worker(new URL('guest-thread.ts', import.meta.url), {
      workerData: { bytes, interruptible },
    });
    const guest = new GuestUnderWatch(worker);
    const ready = await guest.#next();
    if (ready.kind !== 'ready') throw new Error(`the guest's thread did not start: ${ready.kind}`);
    const watch = new InterruptWatch(ready.words);
    guest.#timer = setInterval(() => {
      guest.overdue = Math.max(guest.overdue, watch.look(performance.now()));
    }, 2);
    return guest;
  }

  async #next(): Promise<GuestReport> {
    const [message] = (await once(this.#worker, 'message')) as [GuestReport];
    return message;
  }

  /** One call on a new instance. */
  async call(
    name: string,
    values: readonly number[] = [],
    { limit = 50, promising = false } = {},
  ): Promise<GuestReport> {
    this.#worker.postMessage({ name, values, limit, promising } satisfies GuestOrder);
    return this.#next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.terminate();
  }
}

import { WasmstateError } from '../error.ts';
import type { GuestCall } from './guest-call.ts';

/** How often deadlines of suspended calls are looked at, in ms. */
const SWEEP_INTERVAL = 5;

interface Waiting {
  readonly deadline: number;
  readonly fail: (error: WasmstateError) => void;
}

/**
 * The calls of one thread whose guests are suspended in a host function. One timer serves
 * all of them, and runs only while there are any.
 */
export class Suspensions {
  readonly #waiting = new Set<Waiting>();
  #sweeper: NodeJS.Timeout | undefined;

  /**
   * Settles as `answer` does, or fails with DEADLINE_EXCEEDED or CANCELLED when the call
   * ends first; then `abandon` is called, which must stop the work behind `answer`.
   */
  wait<T>(answer: Promise<T>, call: GuestCall, abandon: (error: Error) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const { deadline, signal } = call;
      const settle = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener('abort', cancelled);
      };
      const fail = (error: WasmstateError): void => {
        settle();
        abandon(error);
        reject(error);
      };
      const cancelled = (): void =>
        fail(new WasmstateError('CANCELLED', 'the caller cancelled the call'));
      const waiting: Waiting = { deadline, fail };
      answer.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(error);
        },
      );
      if (signal?.aborted === true) return cancelled();
      signal?.addEventListener('abort', cancelled);
      this.#waiting.add(waiting);
      this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_INTERVAL);
    });
  }

  #sweep(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) {
      if (waiting.deadline > now) continue;
      waiting.fail(
        new WasmstateError(
          'DEADLINE_EXCEEDED',
          'the call reached its limit while the guest waited in a host function',
        ),
      );
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

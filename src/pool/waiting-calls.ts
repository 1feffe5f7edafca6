import { WasmstateError } from '../error.ts';
import type { GuestCall } from '../guest/guest-call.ts';
import { deadlines, Timed } from '../kv/deadlines.ts';

interface Waiter<T> {
  readonly resolve: (resource: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls that wait for an instance, first come first served, no more than a set number. */
export class WaitingCalls<T> {
  readonly #name: string;
  readonly #limit: number;
  /** Longest first. An array, as Deadlines has one; those who leave the middle are few. */
  readonly #waiters: Waiter<T>[] = [];

  constructor(name: string, limit: number) {
    this.#name = name;
    this.#limit = limit;
  }

  get length(): number {
    return this.#waiters.length;
  }

  /**
   * `expected`: so many that wait are sure to get one soon. Fails with LIMIT_EXCEEDED when too many
   * others wait, and when the call ends first.
   */
  wait(call: GuestCall, expected: number): Promise<T> {
    if (this.#waiters.length >= this.#limit + expected) {
      throw new WasmstateError(
        'LIMIT_EXCEEDED',
        `${this.#name}: every instance is busy and ${this.#limit} calls wait already; raise pool.max or limits.queue`,
      );
    }
    return new Promise<T>((resolve, reject) => {
      const { deadline, signal } = call;
      const leave = (): void => {
        const place = this.#waiters.indexOf(waiter);
        if (place >= 0) this.#waiters.splice(place, 1);
        deadlines.delete(timed);
        signal?.removeEventListener('abort', cancelled);
      };
      const waiter: Waiter<T> = {
        resolve: (resource) => {
          leave();
          resolve(resource);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const cancelled = (): void =>
        waiter.reject(new WasmstateError('CANCELLED', 'the caller cancelled the call'));
      const timed = new Timed(deadline, () => waiter.reject(this.#tooLate()));
      if (signal?.aborted === true) return cancelled();
      signal?.addEventListener('abort', cancelled);
      deadlines.add(timed);
      this.#waiters.push(waiter);
    });
  }

  #tooLate(): WasmstateError {
    return new WasmstateError(
      'DEADLINE_EXCEEDED',
      `${this.#name}: the call reached its limit while it waited for an instance`,
    );
  }

  /** Hands the resource to whoever waits longest; false: nobody waits. */
  serve(resource: T): boolean {
    const longest = this.#waiters[0];
    longest?.resolve(resource);
    return longest !== undefined;
  }

  /** Fails whoever waits longest. */
  fail(error: unknown): void {
    this.#waiters[0]?.reject(error);
  }
}

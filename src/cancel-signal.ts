/**
 * What is used of an AbortSignal. Each call has one of these or two, and an AbortSignal with its
 * controller costs some microseconds to make, to listen to and to leave.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** A CancelSignal and its controller in one. */
export class Cancellation implements CancelSignal {
  #listeners: (() => void)[] = NOBODY;
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Tells every listener once; later calls do nothing, and later listeners hear nothing. */
  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = this.#listeners;
    this.#listeners = NOBODY;
    for (const listener of listeners) listener();
  }

  addEventListener(_: 'abort', listener: () => void): void {
    if (this.#aborted) return;
    if (this.#listeners === NOBODY) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
}

/** Shared by all to whom nobody listens; never written to. */
const NOBODY: (() => void)[] = [];

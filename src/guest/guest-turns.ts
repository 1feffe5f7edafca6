/** Stops and resumes what must not go on while a guest runs that only its thread's end stops. */
export interface Gate {
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * Turns of the event loop in which guests run apart from everything else, for code that cannot
 * be stopped in place. When a thread is ended while a guest runs below Node's HTTP/2 parser, or
 * while connections have something to read, the parser goes on without JavaScript and aborts the
 * process (an assertion in StreamBase::CallJSOnreadMethod, Node 26). So such a guest starts, and
 * goes on after it was suspended, only in a turn of its own, while no connection is read.
 */
export class GuestTurns {
  readonly #gate: Gate;
  #waiting: (() => void)[] = [];
  #scheduled = false;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Resolves in the next turn; what is awaited on it runs there. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#begin());
    });
  }

  #begin(): void {
    this.#gate.pauseReading();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
    // The guests run as microtasks behind this; reading goes on in the turn after them.
    setImmediate(() => this.#end());
  }

  #end(): void {
    if (this.#waiting.length > 0) return this.#begin();
    this.#scheduled = false;
    this.#gate.resumeReading();
  }
}

import type { Statements } from './statements.ts';

/** Ms between looks for expired rows. */
const INTERVAL = 1000;

/** Rows deleted at a time, in some 0.2 ms. */
const SLICE = 100;

/**
 * Gives back the space of expired rows, a slice at a time, so that no call waits long for it.
 * It keeps no process alive.
 */
export class Reclaimer {
  readonly #statements: Statements;
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(statements: Statements) {
    this.#statements = statements;
    this.#timer = setInterval(() => this.#look(), INTERVAL).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#stopped) return;
    try {
      const now = Date.now();
      if (!this.#statements.hasExpired(now)) return;
      this.#statements.beginImmediate();
      const reclaimed = this.#statements.reclaim(now, SLICE);
      this.#statements.commit();
      if (reclaimed === SLICE) setImmediate(() => this.#look()).unref();
    } catch {
      // A busy file or a full disk: the next look tries again, and calls report it themselves.
      this.#statements.rollback();
    }
  }
}

import type { Statements } from './statements.ts';

/**
 * Microseconds of versions that are set aside at a time. A start begins above what was set
 * aside before it, so this is also how far versions may then be ahead of the clock.
 */
const AHEAD = 100_000;

/**
 * The versions that one connection gives. The file's last version is a ceiling: none above it
 * was ever given. While it stays as this connection left it, nobody else has given any, and
 * what is left below it is free to give, so that most commits need not write it.
 */
export class Versions {
  readonly #statements: Statements;
  /** The greatest that may have been given, as far as this connection knows. */
  #last = 0;
  /** As last seen in the file, or written there. */
  #ceiling = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /**
   * The greatest version that may have been given; those after it are free. `now` is Unix time
   * in ms. This and `setAside` belong inside one writer's transaction.
   */
  last(now: number): number {
    const ceiling = this.#statements.lastVersion();
    if (ceiling !== this.#ceiling) {
      // Another connection's, or from before a start: all below it may have been given.
      this.#ceiling = ceiling;
      this.#last = Math.max(this.#last, ceiling);
    }
    // Never below the time in microseconds: a file that lost its last commits, or was
    // restored from a backup, must not give versions again that somebody still holds.
    return Math.max(this.#last, now * 1000);
  }

  /** Lets the ceiling cover `version`; what it gives is to be called once that is committed. */
  setAside(version: number, now: number): () => void {
    let ceiling = this.#ceiling;
    if (version > ceiling) {
      ceiling = Math.max(version, now * 1000 + AHEAD);
      this.#statements.setLastVersion(ceiling);
    }
    return () => {
      this.#last = version;
      this.#ceiling = ceiling;
    };
  }
}

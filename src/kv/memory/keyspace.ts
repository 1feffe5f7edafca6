import {
  WIDEST_LIMITS,
  type Commit,
  type CommitResult,
  type Entry,
  type Keyspace,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { callFailed } from '../sqlite/errors.ts';
import { openMemoryDatabase } from '../sqlite/open.ts';
import { Reclaimer } from '../sqlite/reclaimer.ts';
import { Statements } from '../sqlite/statements.ts';

/**
 * A keyspace in the memory of one plugin thread, and every method answers at once. It survives
 * the instances of a component and a second Init of it. It does not survive the thread: what is
 * in it is lost when the thread is replaced or the process ends.
 */
export class MemoryKeyspace implements Keyspace {
  readonly limits = WIDEST_LIMITS;
  readonly caution =
    "the memory engine keeps state in the plugin's thread; a reload, the loss of the thread and the end of wasmstate lose it";
  readonly #database = openMemoryDatabase();
  readonly #statements = new Statements(this.#database);
  readonly #reclaimer = new Reclaimer(this.#statements);

  get(keys: readonly Uint8Array[]): readonly (Entry | undefined)[] {
    return attempt(() => this.#statements.get(keys, Date.now()));
  }

  commit(request: Commit): CommitResult {
    return attempt(() => {
      this.#statements.beginImmediate();
      try {
        const now = Date.now();
        const version = Math.max(this.#statements.lastVersion(), now * 1000) + 1;
        const result = this.#statements.apply(request, version, now);
        this.#statements.setLastVersion(version);
        this.#statements.commit();
        return result;
      } finally {
        this.#statements.rollback();
      }
    });
  }

  scan(range: ScanRange): ScanPage {
    return attempt(() => this.#statements.scan(range, Date.now()));
  }

  async close(): Promise<void> {
    this.#reclaimer.stop();
    if (this.#database.isOpen) this.#database.close();
  }
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw callFailed('the memory engine', error);
  }
}

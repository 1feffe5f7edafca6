import type { DatabaseSync } from 'node:sqlite';
import {
  WIDEST_LIMITS,
  type Commit,
  type CommitResult,
  type Entry,
  type Keyspace,
  type KvCall,
  type MaybePromise,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { KvError } from '../kv-error.ts';
import { CommitQueue } from './commit-queue.ts';
import { callFailed, isBusy } from './errors.ts';
import { Reclaimer } from './reclaimer.ts';
import { Statements } from './statements.ts';

/** Ms between attempts to read a file that another process locks as a whole. */
const BUSY_PAUSE = 3;

/**
 * A keyspace in one SQLite database. Reads answer at once; a commit's promise resolves when it
 * is as durable as the database's `synchronous` setting makes it.
 */
export class SqliteKeyspace implements Keyspace {
  readonly limits = WIDEST_LIMITS;
  readonly #database: DatabaseSync;
  readonly #where: string;
  readonly #statements: Statements;
  readonly #commits: CommitQueue;
  readonly #reclaimer: Reclaimer;

  /** Takes over a database that `openDatabase` made; `where` names it in errors. */
  constructor(database: DatabaseSync, where: string) {
    this.#database = database;
    this.#where = where;
    this.#statements = new Statements(database);
    this.#commits = new CommitQueue(this.#statements, where);
    this.#reclaimer = new Reclaimer(this.#statements);
  }

  get(keys: readonly Uint8Array[], call: KvCall): MaybePromise<readonly (Entry | undefined)[]> {
    return this.#read(() => {
      if (keys.length === 1) return this.#statements.get(keys, Date.now());
      return this.#snapshot(() => this.#statements.get(keys, Date.now()));
    }, call);
  }

  commit(request: Commit, call: KvCall): Promise<CommitResult> {
    return this.#commits.add(request, call);
  }

  scan(range: ScanRange, call: KvCall): MaybePromise<ScanPage> {
    return this.#read(() => this.#statements.scan(range, Date.now()), call);
  }

  async close(): Promise<void> {
    this.#reclaimer.stop();
    this.#commits.close();
    if (this.#database.isOpen) this.#database.close();
  }

  #snapshot<T>(read: () => T): T {
    this.#statements.begin();
    try {
      return read();
    } finally {
      this.#statements.rollback();
    }
  }

  /** Runs `read` now, and again after pauses while another process locks the whole file. */
  #read<T>(read: () => T, call: KvCall): MaybePromise<T> {
    try {
      return read();
    } catch (error) {
      if (!isBusy(error)) throw callFailed(this.#where, error);
      return this.#readAgain(read, call);
    }
  }

  async #readAgain<T>(read: () => T, call: KvCall): Promise<T> {
    for (;;) {
      const left = call.deadline - performance.now();
      if (left <= 0 || call.signal?.aborted === true) {
        throw new KvError('DEADLINE_EXCEEDED', `${this.#where}: another process held the file`);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(BUSY_PAUSE, left)));
      try {
        return read();
      } catch (error) {
        if (!isBusy(error)) throw callFailed(this.#where, error);
      }
    }
  }
}

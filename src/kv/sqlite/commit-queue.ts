import type { Commit, CommitResult, KvCall } from '../contract.ts';
import { KvError } from '../kv-error.ts';
import { callFailed, isBusy, resultCode, SQLITE } from './errors.ts';
import type { Statements } from './statements.ts';
import { Versions } from './versions.ts';

/** Commits that share one transaction; more would keep the thread's other calls waiting. */
const BATCH = 512;

/** Ms between attempts at a lock that another process holds. */
const BUSY_PAUSE = 3;

interface Pending {
  readonly commit: Commit;
  readonly call: KvCall;
  readonly resolve: (result: CommitResult) => void;
  readonly reject: (error: KvError) => void;
}

/**
 * Groups the commits of one turn of the event loop into one transaction, so that all of them
 * wait for one fsync. They apply in the order of their arrival, and nothing that is not yet
 * durable is ever seen, as a flush runs from BEGIN to COMMIT without a pause.
 */
export class CommitQueue {
  readonly #statements: Statements;
  readonly #versions: Versions;
  readonly #where: string;
  #pending: Pending[] = [];
  #scheduled = false;

  /** `where` names the file in errors. */
  constructor(statements: Statements, where: string) {
    this.#statements = statements;
    this.#versions = new Versions(statements);
    this.#where = where;
  }

  add(commit: Commit, call: KvCall): Promise<CommitResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ commit, call, resolve, reject });
      this.#schedule();
    });
  }

  /** Commits what waits, and fails what cannot be committed now. */
  close(): void {
    for (let left = Infinity; this.#pending.length < left;) {
      left = this.#pending.length;
      this.#flush();
    }
    const waiting = this.#pending.splice(0);
    for (const { reject } of waiting) {
      reject(
        new KvError('UNAVAILABLE', `${this.#where}: closed before the commit; it did not happen`),
      );
    }
  }

  #schedule(pause?: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = (): void => {
      this.#scheduled = false;
      this.#flush();
    };
    if (pause === undefined) setImmediate(run);
    else setTimeout(run, pause);
  }

  #flush(): void {
    this.#pending = this.#pending.filter((pending) => !this.#givenUp(pending));
    const batch = this.#pending.slice(0, BATCH);
    if (batch.length === 0) return;
    try {
      this.#statements.beginImmediate();
    } catch (error) {
      // The file is another process's for a while: this thread has other calls to serve.
      if (isBusy(error)) return this.#schedule(this.#pause(batch));
      this.#take(batch);
      for (const { reject } of batch) reject(callFailed(this.#where, error));
      return;
    }
    this.#take(batch);
    this.#run(batch);
  }

  #take(batch: readonly Pending[]): void {
    this.#pending = this.#pending.slice(batch.length);
    if (this.#pending.length > 0) this.#schedule();
  }

  /** Runs a batch whose transaction has begun, and answers each of its commits. */
  #run(batch: readonly Pending[]): void {
    const statements = this.#statements;
    let results: readonly CommitResult[];
    let committed: (() => void) | undefined;
    try {
      const now = Date.now();
      const before = this.#versions.last(now);
      let version = before;
      results = batch.map(({ commit }) => {
        const result = statements.apply(commit, version + 1, now);
        if ('version' in result && result.version > 0n) version += 1;
        return result;
      });
      if (version > before) committed = this.#versions.setAside(version, now);
    } catch (error) {
      statements.rollback();
      return this.#retryAlone(batch, error);
    }
    try {
      statements.commit();
    } catch (error) {
      statements.rollback();
      if (resultCode(error) === SQLITE.FULL) return this.#retryAlone(batch, error);
      const unknown = new KvError(
        'UNKNOWN_OUTCOME',
        `${callFailed(this.#where, error).message}; whether the commit is kept shows after a restart`,
        { cause: error },
      );
      for (const { reject } of batch) reject(unknown);
      return;
    }
    committed?.();
    batch.forEach(({ resolve }, index) => resolve(results[index] ?? { version: 0n }));
  }

  /** One commit that does not fit on the disk must not fail its neighbours. */
  #retryAlone(batch: readonly Pending[], error: unknown): void {
    const [first, ...others] = batch;
    if (first === undefined || others.length === 0) {
      first?.reject(callFailed(this.#where, error));
      return;
    }
    for (const pending of batch) {
      try {
        this.#statements.beginImmediate();
      } catch (begun) {
        pending.reject(callFailed(this.#where, begun));
        continue;
      }
      this.#run([pending]);
    }
  }

  #givenUp({ call, reject }: Pending): boolean {
    const aborted = call.signal?.aborted === true;
    if (!aborted && call.deadline > performance.now()) return false;
    const why = aborted ? 'the caller went away' : "the call's deadline passed";
    reject(
      new KvError(
        'DEADLINE_EXCEEDED',
        `${this.#where}: ${why} before the commit, which did not happen`,
      ),
    );
    return true;
  }

  #pause(batch: readonly Pending[]): number {
    const left = Math.min(...batch.map(({ call }) => call.deadline - performance.now()));
    return Math.max(1, Math.min(BUSY_PAUSE, left));
  }
}

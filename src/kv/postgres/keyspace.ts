import type { CancelSignal } from '../../cancel-signal.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { Batcher, bySize, type Item } from '../batcher.ts';
import {
  REPLY_BYTES,
  SCAN_BYTES,
  WIDEST_LIMITS,
  type Commit,
  type CommitResult,
  type Entry,
  type Keyspace,
  type KvCall,
  type KvLimits,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { inTime } from '../in-time.ts';
import { KvError } from '../kv-error.ts';
import { successor } from '../range.ts';
import type { Lease } from '../shared.ts';
import { replyTooLarge } from '../write-reply.ts';
import { byteaArray } from './binary-array.ts';
import { commitParameters, commitResult, commitSize, plainPut } from './commit-batch.ts';
import { callFailed, isConflict, mayHaveHappened } from './errors.ts';
import { NotSent } from './lanes.ts';
import type { PostgresLink } from './link.ts';
import {
  asBuffer,
  entryOf,
  fromHex,
  hexText,
  type EntryRow,
  type KeyRow,
  type SizedRow,
} from './rows.ts';

const MIB = 1024 * 1024;

const LIMITS: KvLimits = {
  ...WIDEST_LIMITS,
  // A row of the primary key's index must fit into a third of a page of 8 KiB.
  keySize: 2048,
};

/** Bytes of commits, and keys of gets, that go in one statement. */
const COMMIT_BATCH = 4 * MIB;
const GET_BATCH = 1000;

/** Ms between attempts to connect, and between attempts of a transaction that lost. */
const OFFLINE_PAUSE = 25;
const CONFLICT_PAUSE = 5;

const DELETED = 'the keyspace was deleted while in use';

type Found = readonly (Entry | undefined)[];

/**
 * A keyspace in a PostgreSQL database. Commits of one keyspace happen one after the other, and
 * those that come together share one transaction and its fsync; as durable as the server's
 * `synchronous_commit` makes them. Times are the server's.
 */
export class PostgresKeyspace implements Keyspace {
  readonly limits = LIMITS;
  readonly #lease: Lease<PostgresLink>;
  readonly #link: PostgresLink;
  readonly #id: string;
  readonly #gets: Batcher<readonly Uint8Array[], Found>;
  readonly #commits: Batcher<Commit, CommitResult>;
  readonly #scans: Batcher<ScanRange, ScanPage>;
  /** Statements of gets that are under way. */
  #reading = 0;

  /** Takes over the lease. `id` is what PostgresLink.keyspace gave. */
  constructor(lease: Lease<PostgresLink>, id: string) {
    this.#lease = lease;
    this.#link = lease.value;
    this.#id = id;
    const { where, lanes } = this.#link;
    this.#gets = new Batcher({
      where,
      pack: bySize((keys) => keys.length, GET_BATCH),
      atOnce: lanes.size,
      run: async (items, deserted) => {
        this.#reading += 1;
        await this.#answer(items, true, (now) => this.#runGets(now, deserted));
        this.#reading -= 1;
      },
    });
    this.#commits = new Batcher({
      where,
      pack: bySize(commitSize, COMMIT_BATCH),
      atOnce: 1,
      run: (items, deserted) =>
        this.#answer(items, false, (now) => this.#runCommits(now, deserted)),
    });
    this.#scans = new Batcher({
      where,
      pack: () => () => false,
      atOnce: lanes.size,
      run: (items, deserted) => this.#answer(items, true, (now) => this.#runScan(now, deserted)),
    });
  }

  get(keys: readonly Uint8Array[], call: KvCall): Promise<Found> {
    return this.#getAlone(keys, call) ?? this.#gets.add(keys, call);
  }

  commit(request: Commit, call: KvCall): Promise<CommitResult> {
    return this.#commits.add(request, call);
  }

  scan(range: ScanRange, call: KvCall): Promise<ScanPage> {
    return this.#scans.add(range, call);
  }

  close(): Promise<void> {
    return this.#lease.release();
  }

  /**
   * A get while no other is under way goes at once: there is nobody to share a batch with. What
   * goes wrong with it is left to the batches.
   */
  #getAlone(keys: readonly Uint8Array[], call: KvCall): Promise<Found> | undefined {
    const [key] = keys;
    if (key === undefined || keys.length > 1 || this.#reading > 0) return undefined;
    const { where, lanes, statements } = this.#link;
    const callers = { aborted: false };
    const rows = lanes.queryAtOnce<EntryRow>(statements.getOne, [this.#id, asBuffer(key)], callers);
    if (rows === undefined) return undefined;
    this.#reading += 1;
    const answer = rows.then(
      ([row]) => {
        this.#reading -= 1;
        return [row && entryOf(row)];
      },
      () => {
        this.#reading -= 1;
        return callers.aborted ? [] : this.#gets.add(keys, call);
      },
    );
    return inTime(answer, call, where, () => {
      callers.aborted = true;
    });
  }

  /**
   * Runs a batch until each of its items has an answer. `again`: it only reads, so it may run
   * a second time where the connection broke.
   */
  async #answer<Q, A>(
    items: readonly Item<Q, A>[],
    again: boolean,
    run: (items: readonly Item<Q, A>[]) => Promise<readonly A[]>,
  ): Promise<void> {
    const { where } = this.#link;
    for (let now = items; ; now = now.filter(({ left }) => !left)) {
      if (now.length === 0) return;
      try {
        const answers = await run(now);
        now.forEach(({ resolve }, index) => resolve(answers[index] as A));
        return;
      } catch (error) {
        if (isConflict(error)) {
          await pause(Math.random() * CONFLICT_PAUSE);
        } else if (error instanceof NotSent || (again && isBroken(error))) {
          const reason = error instanceof NotSent ? error.cause : error;
          now = this.#dismiss(now, callFailed(where, reason, false));
          if (now.length > 0) await pause(OFFLINE_PAUSE);
        } else if (now.length > 1 && !isBroken(error)) {
          // What one of them did wrong must not fail the others.
          await Promise.all(now.map((item) => this.#answer([item], again, run)));
          return;
        } else {
          const failure = callFailed(where, error, !again && isBroken(error));
          for (const { reject } of now) reject(failure);
          return;
        }
      }
    }
  }

  /** Fails the items that would rather have an answer than wait for a connection. */
  #dismiss<Q, A>(
    items: readonly Item<Q, A>[],
    error: ReturnType<typeof callFailed>,
  ): readonly Item<Q, A>[] {
    const now = performance.now();
    return items.filter(({ patience, reject }) => {
      if (patience > now) return true;
      reject(error);
      return false;
    });
  }

  async #runGets(
    items: readonly Item<readonly Uint8Array[], Found>[],
    deserted: CancelSignal,
  ): Promise<readonly Found[]> {
    const keys = items.flatMap(({ request }) => request);
    const { getOne, getMany } = this.#link.statements;
    const [key] = keys;
    if (key !== undefined && keys.length === 1) {
      const [row] = await this.#link.query<EntryRow>(getOne, [this.#id, asBuffer(key)], deserted);
      return [[row && entryOf(row)]];
    }
    const rows = await this.#link.query<SizedRow>(
      getMany,
      [this.#id, byteaArray(keys), String(REPLY_BYTES)],
      deserted,
    );
    const found = new Map<string, EntryRow>();
    for (const [name, version, expires, value] of rows) {
      if (value === null) throw replyTooLarge();
      found.set(name, [version, expires, value]);
    }
    return items.map(({ request }) =>
      request.map((wanted) => {
        const row = found.get(hexText(wanted));
        return row && entryOf(row);
      }),
    );
  }

  async #runCommits(
    items: readonly Item<Commit, CommitResult>[],
    deserted: CancelSignal,
  ): Promise<readonly CommitResult[]> {
    const commits = items.map(({ request }) => request);
    const { commit, put } = this.#link.statements;
    const [first] = commits;
    const plain = first !== undefined && commits.length === 1 ? plainPut(first) : undefined;
    if (plain !== undefined) {
      const [row] = await this.#link.query<readonly [version: string]>(
        put,
        [this.#id, ...plain],
        deserted,
      );
      if (row === undefined) throw new KvError('INTERNAL', DELETED);
      return [{ version: BigInt(row[0]) }];
    }
    const [row] = await this.#link.query<readonly [results: string]>(
      commit,
      commitParameters(this.#id, commits),
      deserted,
    );
    const results = row?.[0].slice(1, -1).split(',');
    return commits.map((_, index) => commitResult(results?.[index]));
  }

  async #runScan(
    items: readonly Item<ScanRange, ScanPage>[],
    deserted: CancelSignal,
  ): Promise<readonly ScanPage[]> {
    return Promise.all(items.map(({ request }) => this.#scanOne(request, deserted)));
  }

  async #scanOne(range: ScanRange, deserted: CancelSignal): Promise<ScanPage> {
    const { start, end, limit, keysOnly } = range;
    const { scanEntries, scanEntriesOpen, scanKeys, scanKeysOpen } = this.#link.statements;
    const bounded = keysOnly ? scanKeys : scanEntries;
    const open = keysOnly ? scanKeysOpen : scanEntriesOpen;
    const values = [this.#id, asBuffer(start), String(limit), String(SCAN_BYTES)];
    const rows = await (end === undefined
      ? this.#link.query<KeyRow>(open, values, deserted)
      : this.#link.query<KeyRow>(bounded, [...values, asBuffer(end)], deserted));
    const entries = rows.map(([key, ...row]) => Object.assign(entryOf(row), { key: fromHex(key) }));
    const bytes = entries.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const last = entries.at(-1);
    const isWhole = entries.length < limit && bytes < SCAN_BYTES;
    return last === undefined || isWhole ? { entries } : { entries, next: successor(last.key) };
  }
}

/** Nobody knows what became of the statement. */
function isBroken(error: unknown): boolean {
  return !(error instanceof KvError) && mayHaveHappened(error);
}

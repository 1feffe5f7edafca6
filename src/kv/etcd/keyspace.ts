import type { CancelSignal } from '../../cancel-signal.ts';
import { Batcher, bySize, type Item } from '../batcher.ts';
import type {
  Commit,
  CommitResult,
  Entry,
  Keyspace,
  KvCall,
  KvLimits,
  ScanPage,
  ScanRange,
} from '../contract.ts';
import { inTime } from '../in-time.ts';
import { KvError } from '../kv-error.ts';
import type { Lease } from '../shared.ts';
import { packCommits, requestSize, runCommits } from './commits.ts';
import { isAlive } from './envelope.ts';
import { callFailed, isRefused } from './errors.ts';
import { Leases } from './leases.ts';
import type { EtcdLink, EtcdSettings } from './link.ts';
import { readKeys, type Place } from './reads.ts';
import { Scans } from './scans.ts';

const KEY_SIZE = 4096;

/** Bytes of a request around a value of the greatest size. */
const REQUEST_RESERVE = 16 * 1024;

/** Requests under way at a time: each costs this side more than the work that it carries. */
const GETS_AT_ONCE = 4;
const COMMITS_AT_ONCE = 8;

type Found = readonly (Entry | undefined)[];

/**
 * A keyspace in etcd: a commit is one of its transactions, and a key's version the revision that
 * wrote it; commits that come together and do not touch each other's keys share a transaction.
 * Keys leave by leases; when exactly, by the clocks of the hosts.
 */
export class EtcdKeyspace implements Keyspace {
  readonly limits: KvLimits;
  readonly #lease: Lease<EtcdLink>;
  readonly #place: Place;
  readonly #scans: Scans;
  readonly #gets: Batcher<readonly Uint8Array[], Found>;
  readonly #commits: Batcher<Commit, CommitResult>;
  readonly #maxRequest: number;

  /** Takes over the lease. `name` is the keyspace's among those of the same prefix. */
  constructor(lease: Lease<EtcdLink>, settings: EtcdSettings, name: string) {
    const link = lease.value;
    const { prefix, maxOperations, maxRequest } = settings;
    const place = { link, base: Buffer.from(`${prefix}:${name}:`), maxOperations };
    const leases = new Leases(link);
    this.#lease = lease;
    this.#place = place;
    this.#scans = new Scans(place);
    this.#maxRequest = maxRequest;
    this.limits = {
      keySize: KEY_SIZE,
      valueSize: maxRequest - REQUEST_RESERVE,
      commitOperations: maxOperations,
      commitSize: maxRequest,
    };
    this.#gets = new Batcher({
      where: link.where,
      pack: bySize((keys) => keys.length, maxOperations),
      atOnce: GETS_AT_ONCE,
      run: (items, deserted) => runGets(place, items, deserted),
    });
    this.#commits = new Batcher({
      where: link.where,
      pack: packCommits(place),
      atOnce: COMMITS_AT_ONCE,
      run: (items, deserted) => runCommits(place, leases, items, callOf(items, deserted)),
    });
  }

  get(keys: readonly Uint8Array[], call: KvCall): Promise<Found> {
    return this.#gets.add(keys, call);
  }

  async commit(request: Commit, call: KvCall): Promise<CommitResult> {
    const size = requestSize(this.#place, request);
    if (size > this.#maxRequest) {
      throw new KvError(
        'TOO_LARGE',
        `a commit of some ${size} bytes as etcd counts them: it takes ${this.#maxRequest} (kv.maxRequest)`,
      );
    }
    return this.#commits.add(request, call);
  }

  scan(range: ScanRange, call: KvCall): Promise<ScanPage> {
    const gone = new AbortController();
    const page = this.#scans.page(range, { ...call, signal: gone.signal });
    return inTime(page, call, this.#place.link.where, () => gone.abort());
  }

  close(): Promise<void> {
    return this.#lease.release();
  }
}

async function runGets(
  place: Place,
  items: readonly Item<readonly Uint8Array[], Found>[],
  deserted: CancelSignal,
): Promise<void> {
  try {
    const keys = items.flatMap(({ request }) => request);
    const found = await readKeys(place, keys, callOf(items, deserted));
    const now = Date.now();
    let from = 0;
    for (const { request, resolve } of items) {
      const entries = found.slice(from, (from += request.length));
      resolve(entries.map((entry) => (entry && isAlive(entry, now) ? entry : undefined)));
    }
  } catch (error) {
    if (items.length > 1 && isRefused(error)) {
      await Promise.all(items.map((item) => runGets(place, [item], deserted)));
      return;
    }
    const failure = callFailed(place.link.where, error, true);
    for (const { reject } of items) reject(failure);
  }
}

/** A batch waits as long as any of its callers does. */
function callOf<Q, A>(items: readonly Item<Q, A>[], deserted: CancelSignal): KvCall {
  return { deadline: Math.max(...items.map(({ deadline }) => deadline)), signal: deserted };
}

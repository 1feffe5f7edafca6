import type { KvCall } from '../contract.ts';
import { hasLeft, inTime } from '../in-time.ts';
import { KvError } from '../kv-error.ts';
import { LEASE_GRANT } from './api.ts';
import type { EtcdLink } from './link.ts';

/** Ms by which a key may outlive its expiry in etcd, unseen: what makes leases shareable. */
const SHORTEST_SLACK = 10_000;
const LONGEST_SLACK = 3_600_000;

/** Ms for one lease, whoever waits for it: it is no caller's own. */
const GRANT_TIMEOUT = 2000;

/** Ms for which a lease is longer than anything on it needs. */
const MARGIN = 2000;

interface Shared {
  readonly id: Promise<bigint>;
  /** When nothing new goes on it, Unix ms. */
  readonly until: number;
}

/**
 * Leases for keys that expire. Keys that expire at about the same time share one, so that most
 * commits need no request for a lease; when exactly a key expires its envelope says.
 */
export class Leases {
  readonly #link: EtcdLink;
  readonly #shared = new Map<string, Shared>();

  constructor(link: EtcdLink) {
    this.#link = link;
  }

  /** The number of a lease that lasts till `expiresAt` at least. Fails with a KvError. */
  async until(expiresAt: number, call: KvCall): Promise<bigint> {
    const now = Date.now();
    const slack = slackOf(expiresAt - now);
    const end = Math.ceil(expiresAt / slack) * slack;
    const name = `${slack}:${end}`;
    let shared = this.#shared.get(name);
    if (shared === undefined) {
      this.#forgetPast(now);
      const granted = { until: end, id: this.#grant(Math.ceil((end - now + MARGIN) / 1000)) };
      this.#shared.set(name, granted);
      granted.id.catch(() => {
        if (this.#shared.get(name) === granted) this.#shared.delete(name);
      });
      shared = granted;
    }
    return inTime(shared.id, call, this.#link.where);
  }

  /** After the server has said that it does not know one of them. */
  forgetAll(): void {
    this.#shared.clear();
  }

  /** May be asked for twice where a connection breaks: a lease that nobody uses only runs out. */
  async #grant(seconds: number): Promise<bigint> {
    const signal = AbortSignal.timeout(GRANT_TIMEOUT);
    const call = { deadline: performance.now() + GRANT_TIMEOUT, signal };
    try {
      const { ID } = await this.#link.read(LEASE_GRANT, { TTL: BigInt(seconds) }, call);
      return ID;
    } catch (error) {
      if (!hasLeft(call)) throw error;
      const why = `${this.#link.where}: no lease was granted within ${GRANT_TIMEOUT} ms`;
      throw new KvError('UNAVAILABLE', why, { cause: error });
    }
  }

  #forgetPast(now: number): void {
    for (const [name, { until }] of this.#shared) if (until < now) this.#shared.delete(name);
  }
}

/** An eighth of the time to live, as a power of two so that alike times share. */
function slackOf(ttl: number): number {
  const eighth = 2 ** Math.floor(Math.log2(Math.max(1, ttl / 8)));
  return Math.min(LONGEST_SLACK, Math.max(SHORTEST_SLACK, eighth));
}

import type { KeyValue } from '../../gen/etcd/v3/etcd.ts';
import {
  SCAN_BYTES,
  SCAN_ENTRIES,
  type KeyEntry,
  type KvCall,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { afterPrefix, successor } from '../range.ts';
import { RANGE, rangeRequest } from './api.ts';
import { isAlive, open } from './envelope.ts';
import { keyAt, keyOf, type Place } from './reads.ts';

/** Entries of a page while nothing is known of their size, and at least. */
const FIRST_PAGE = 64;
const SMALLEST_PAGE = 16;

const NO_VALUE = Buffer.alloc(0);

/**
 * Scans of one keyspace. etcd pages by number alone: by what one page held, the next is chosen to
 * hold about SCAN_BYTES.
 */
export class Scans {
  readonly #place: Place;
  #pageSize = FIRST_PAGE;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Fails with a KvError. */
  async page({ start, end, limit, keysOnly }: ScanRange, call: KvCall): Promise<ScanPage> {
    const { base } = this.#place;
    const key = keyAt(this.#place, start);
    const rangeEnd =
      end === undefined ? Buffer.from(afterPrefix(base) ?? [0]) : keyAt(this.#place, end);
    if (keysOnly) {
      const most = BigInt(Math.min(limit, SCAN_ENTRIES));
      const request = rangeRequest(key, { rangeEnd, limit: most, keysOnly: true });
      const { kvs, more } = await this.#place.link.read(RANGE, request, call);
      // When a key expires its value alone says; then all of this page is read again.
      if (kvs.every(({ lease }) => lease === 0n)) return this.#keysPage(kvs, more);
    }
    const most = BigInt(Math.min(limit, this.#pageSize));
    const request = rangeRequest(key, { rangeEnd, limit: most });
    const { kvs, more } = await this.#place.link.read(RANGE, request, call);
    return this.#page(kvs, more, keysOnly);
  }

  #keysPage(kvs: readonly KeyValue[], more: boolean): ScanPage {
    const entries = kvs.map((found) => ({
      key: keyOf(this.#place, found),
      value: NO_VALUE,
      version: found.modRevision,
      expiresAt: 0,
    }));
    const last = entries.at(-1);
    return more && last !== undefined ? { entries, next: successor(last.key) } : { entries };
  }

  #page(kvs: readonly KeyValue[], more: boolean, keysOnly: boolean): ScanPage {
    const now = Date.now();
    const entries: KeyEntry[] = [];
    let bytes = 0;
    let seen = 0;
    let last: Buffer | undefined;
    for (const found of kvs) {
      if (bytes >= SCAN_BYTES) break;
      const entry = open(found, this.#place.link.where);
      last = keyOf(this.#place, found);
      if (isAlive(entry, now)) {
        entries.push({ key: last, ...entry, value: keysOnly ? NO_VALUE : entry.value });
      }
      bytes += found.key.length + found.value.length;
      seen += 1;
    }
    if (last === undefined) return { entries };
    const fitting = Math.floor((SCAN_BYTES * seen) / Math.max(1, bytes));
    this.#pageSize = Math.min(SCAN_ENTRIES, Math.max(SMALLEST_PAGE, fitting));
    return more || seen < kvs.length ? { entries, next: successor(last) } : { entries };
  }
}

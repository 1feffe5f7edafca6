import type { KeyValue } from '../../gen/etcd/v3/etcd.ts';
import { REPLY_BYTES, type Entry, type KvCall } from '../contract.ts';
import { replyTooLarge } from '../write-reply.ts';
import { RANGE, TXN, rangeOf, rangeOp, rangeRequest } from './api.ts';
import { open } from './envelope.ts';
import type { EtcdLink } from './link.ts';

/** What a keyspace's parts need to know of it. */
export interface Place {
  readonly link: EtcdLink;
  /** Before each of the keyspace's keys. */
  readonly base: Buffer;
  /** Of etcd, for one transaction. */
  readonly maxOperations: number;
}

export function keyAt({ base }: Place, key: Uint8Array): Buffer {
  return Buffer.concat([base, key]);
}

/** What is left of a key in etcd without the keyspace's part of it. */
export function keyOf({ base }: Place, { key }: KeyValue): Buffer {
  return key.subarray(base.length);
}

/** What etcd has of the keys, all at one revision, expired ones too. Fails with a KvError. */
export async function readKeys(
  place: Place,
  keys: readonly Uint8Array[],
  call: KvCall,
): Promise<readonly (Entry | undefined)[]> {
  const { link, maxOperations } = place;
  const [only] = keys;
  if (only !== undefined && keys.length === 1) {
    const { kvs } = await link.read(RANGE, rangeRequest(keyAt(place, only)), call);
    return [opened(place, kvs[0])];
  }
  const found: (Entry | undefined)[] = [];
  let revision = 0n;
  let bytes = 0;
  for (let from = 0; from < keys.length; from += maxOperations) {
    const success = keys
      .slice(from, from + maxOperations)
      .map((key) => rangeOp(rangeRequest(keyAt(place, key), { revision })));
    const request = { compare: [], success, failure: [] };
    const { header, responses } = await link.read(TXN, request, call);
    if (from === 0) revision = header?.revision ?? 0n;
    for (const response of responses) {
      const entry = opened(place, rangeOf(response).kvs[0]);
      bytes += entry?.value.length ?? 0;
      found.push(entry);
    }
    if (bytes > REPLY_BYTES) throw replyTooLarge();
  }
  return found;
}

export function opened({ link }: Place, found: KeyValue | undefined): Entry | undefined {
  return found && open(found, link.where);
}

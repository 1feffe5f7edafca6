import type { KeyValue } from '../../gen/etcd/v3/etcd.ts';
import type { Entry } from '../contract.ts';
import { KvError } from '../kv-error.ts';

/*
 * A value in etcd: when it expires in 8 bytes, big endian, then a byte of format, then the value
 * itself. A transaction compares values by their bytes, so that it can ask whether a key is
 * still alive: etcd's own leases are some seconds late. Times are the hosts' own.
 */

/** Of what never expires: later than any moment. */
const NEVER = 2n ** 64n - 1n;
const FORMAT = 1;
const HEADER = 9;

/** `expiresAt`: Unix time in ms, 0 for never. */
export function seal(value: Uint8Array, expiresAt: number): Buffer {
  const sealed = Buffer.allocUnsafe(HEADER + value.length);
  sealed.writeBigUInt64BE(expiresAt === 0 ? NEVER : BigInt(expiresAt), 0);
  sealed[8] = FORMAT;
  sealed.set(value, HEADER);
  return sealed;
}

/** Every value that is alive at `now` is greater than this, and no other is. */
export function aliveAfter(now: number): Buffer {
  const bound = Buffer.allocUnsafe(8);
  bound.writeBigUInt64BE(BigInt(now) + 1n);
  return bound;
}

/** What was sealed. `where` names the engine in the error of what was not. */
export function open(found: KeyValue, where: string): Entry {
  const { value, modRevision } = found;
  if (value.length < HEADER || value[8] !== FORMAT) {
    throw new KvError('INTERNAL', `${where}: a value was written by another program`);
  }
  const expires = value.readBigUInt64BE(0);
  return {
    value: value.subarray(HEADER),
    version: modRevision,
    expiresAt: expires === NEVER ? 0 : Number(expires),
  };
}

export function isAlive({ expiresAt }: Entry, now: number): boolean {
  return expiresAt === 0 || expiresAt > now;
}

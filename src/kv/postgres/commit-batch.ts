import type { Check, Commit, CommitResult } from '../contract.ts';
import { byteaArray, int4Array, int8Array } from './binary-array.ts';
import type { Parameter } from './execution.ts';
import { asBuffer } from './rows.ts';

const ABSENT = 0n;
const PRESENT = -1n;
/** No row has it. */
const IMPOSSIBLE = -2n;
const HIGHEST = 2n ** 63n - 1n;

/** The parameters of the commit function for several commits at once. */
export function commitParameters(keyspace: string, commits: readonly Commit[]): Parameter[] {
  const checks = commits.flatMap(({ checks: all }, index) =>
    all.map((check) => ({ commit: index + 1, check })),
  );
  const writes = commits.flatMap(({ writes: all }, index) =>
    all.map((write) => ({ commit: index + 1, write })),
  );
  return [
    keyspace,
    String(commits.length),
    int4Array(checks.map(({ commit }) => commit)),
    byteaArray(checks.map(({ check }) => check.key)),
    int8Array(checks.map(({ check }) => wanted(check))),
    int4Array(writes.map(({ commit }) => commit)),
    byteaArray(writes.map(({ write }) => write.key)),
    byteaArray(writes.map(({ write }) => write.put)),
    int8Array(writes.map(({ write }) => BigInt(write.put === undefined ? 0 : write.ttl))),
  ];
}

/** The parameters of the put statement, for a commit that is nothing but one put. */
export function plainPut({ checks, writes }: Commit): Parameter[] | undefined {
  const [write] = writes;
  if (checks.length > 0 || writes.length !== 1 || write?.put === undefined) return undefined;
  return [asBuffer(write.key), asBuffer(write.put), String(write.ttl)];
}

/** What the commit function gave for one commit. */
export function commitResult(text: string | undefined): CommitResult {
  const result = BigInt(text ?? 0);
  return result < 0n ? { failedCheck: Number(-result) - 1 } : { version: result };
}

/** Bytes that a commit brings along, keys and the rest included. */
export function commitSize({ checks, writes }: Commit): number {
  let size = 0;
  for (const { key } of checks) size += key.length + 32;
  for (const { key, put } of writes) size += key.length + (put?.length ?? 0) + 32;
  return size;
}

function wanted(check: Check): bigint {
  if (check.is !== 'version') return check.is === 'absent' ? ABSENT : PRESENT;
  return check.version > 0n && check.version <= HIGHEST ? check.version : IMPOSSIBLE;
}

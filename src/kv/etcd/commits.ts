import type { Compare, RequestOp, TxnRequest, TxnResponse } from '../../gen/etcd/v3/etcd.ts';
import type { Item, Packer } from '../batcher.ts';
import type { Commit, CommitResult, Entry, KvCall } from '../contract.ts';
import { keyText } from '../key-text.ts';
import { TXN, deleteOp, putOp, rangeOf, rangeOp, rangeRequest, txnOf, txnOp } from './api.ts';
import { comparisons, holds } from './compare.ts';
import { seal } from './envelope.ts';
import { callFailed, isLeaseLost, isRefused } from './errors.ts';
import type { Leases } from './leases.ts';
import { keyAt, opened, readKeys, type Place } from './reads.ts';

/** Bytes of commits that share a transaction. */
const BATCH_BYTES = 256 * 1024;

/** Bytes that etcd's messages add to a key, and to the value of a write, at the most. */
const OPERATION_OVERHEAD = 64;

/** Bytes of a commit as etcd counts them: a check's key is in the request three times. */
export function requestSize({ base }: Place, { checks, writes }: Commit): number {
  const around = base.length + OPERATION_OVERHEAD;
  let size = 0;
  for (const { key } of checks) size += 3 * (key.length + around);
  for (const { key, put } of writes) size += key.length + around + (put?.length ?? 0);
  return size;
}

/**
 * Packs commits that touch nothing which another one writes: etcd compares everything in a
 * transaction with the state before it, so only such commits come out as if one by one.
 */
export function packCommits(place: Place): () => Packer<Commit> {
  // etcd counts a transaction within one together with those around it.
  const most = Math.floor(place.maxOperations / 2);
  return () => {
    const written = new Set<string>();
    const touched = new Set<string>();
    let count = 0;
    let bytes = 0;
    // The first goes in however large it is, and then nothing beside it.
    let closed = false;
    return (commit) => {
      if (closed) return false;
      const checks = commit.checks.map(({ key }) => keyText(key));
      const writes = commit.writes.map(({ key }) => keyText(key));
      bytes += requestSize(place, commit);
      const fits =
        count < most &&
        bytes <= BATCH_BYTES &&
        Math.max(2 * checks.length, writes.length) <= most &&
        !checks.some((key) => written.has(key)) &&
        !writes.some((key) => touched.has(key));
      if (!fits && count > 0) return false;
      closed = !fits;
      count += 1;
      for (const key of writes) written.add(key);
      for (const key of [...checks, ...writes]) touched.add(key);
      return fits;
    };
  };
}

/** One commit on its way, with what was learned of the keys that it checks. */
interface Pending {
  readonly item: Item<Commit, CommitResult>;
  readonly known: Map<string, Entry | undefined>;
}

interface Outcome {
  readonly revision: bigint;
  readonly responses: readonly TxnResponse[];
}

/**
 * Runs commits that `packCommits` put together in one transaction, and answers each. A commit
 * that met an expired key which etcd still has is run again with that known.
 */
export async function runCommits(
  place: Place,
  leases: Leases,
  items: readonly Item<Commit, CommitResult>[],
  call: KvCall,
): Promise<void> {
  let pending = items.map((item): Pending => ({ item, known: new Map() }));
  while (pending.length > 0) {
    const now = Date.now();
    let outcome: Outcome;
    try {
      const transactions: TxnRequest[] = [];
      for (const one of pending)
        transactions.push(await transaction(place, leases, one, now, call));
      outcome = await send(place, transactions, call);
    } catch (error) {
      if (isLeaseLost(error)) {
        leases.forgetAll();
        pending = pending.filter(({ item }) => !item.left);
        continue;
      }
      if (pending.length > 1 && isRefused(error)) {
        // What one of them did wrong must not fail the others.
        await Promise.all(pending.map(({ item }) => runCommits(place, leases, [item], call)));
        return;
      }
      const failure = callFailed(place.link.where, error, false);
      for (const { item } of pending) item.reject(failure);
      return;
    }
    pending = pending.filter((one, index) => !answer(place, one, outcome, index, now));
  }
}

/** Whether the commit is done with; else it is to be run again, with what `known` holds now. */
function answer(
  place: Place,
  pending: Pending,
  { revision, responses }: Outcome,
  index: number,
  now: number,
): boolean {
  const { item } = pending;
  try {
    const result = resultOf(place, pending, responses[index], revision, now);
    if (result !== undefined) item.resolve(result);
    return result !== undefined || item.left;
  } catch (error) {
    item.reject(callFailed(place.link.where, error, true));
    return true;
  }
}

/** What became of each transaction, in their order; several go as parts of one. */
async function send(
  { link }: Place,
  transactions: readonly TxnRequest[],
  call: KvCall,
): Promise<Outcome> {
  const [only] = transactions;
  const whole =
    transactions.length === 1 && only !== undefined
      ? only
      : { compare: [], success: transactions.map(txnOp), failure: [] };
  const response = await link.write(TXN, whole, call);
  return {
    revision: response.header?.revision ?? 0n,
    responses: whole === only ? [response] : response.responses.map(txnOf),
  };
}

async function transaction(
  place: Place,
  leases: Leases,
  { item, known }: Pending,
  now: number,
  call: KvCall,
): Promise<TxnRequest> {
  const { checks, writes } = item.request;
  const comparing = (): Compare[] =>
    checks.flatMap((check) => [
      ...comparisons(check, keyAt(place, check.key), known.get(keyText(check.key)), now),
    ]);
  let compare = comparing();
  if (compare.length > place.maxOperations) {
    // With the expiry of each key known, every check needs but one comparison.
    const keys = checks.map(({ key }) => key);
    const found = await readKeys(place, keys, call);
    keys.forEach((key, index) => known.set(keyText(key), found[index]));
    compare = comparing().slice(0, place.maxOperations);
  }
  const success: RequestOp[] = [];
  for (const write of writes) {
    const key = keyAt(place, write.key);
    if (write.put === undefined) {
      success.push(deleteOp(key));
    } else if (write.ttl === 0) {
      success.push(putOp(key, seal(write.put, 0), 0n));
    } else {
      const expiresAt = now + write.ttl;
      const lease = await leases.until(expiresAt, call);
      success.push(putOp(key, seal(write.put, expiresAt), lease));
    }
  }
  const failure = checks.map(({ key }) => rangeOp(rangeRequest(keyAt(place, key))));
  return { compare, success, failure };
}

/** undefined: to be run again, with what `known` holds now. */
function resultOf(
  place: Place,
  { item, known }: Pending,
  response: TxnResponse | undefined,
  revision: bigint,
  now: number,
): CommitResult | undefined {
  const { checks, writes } = item.request;
  if (response === undefined) return undefined;
  if (response.succeeded) {
    const hasPut = writes.some(({ put }) => put !== undefined);
    return { version: hasPut ? revision : 0n };
  }
  const found = response.responses.map((each) => opened(place, rangeOf(each).kvs[0]));
  const failedCheck = checks.findIndex((check, index) => !holds(check, found[index], now));
  if (failedCheck >= 0) return { failedCheck };
  checks.forEach(({ key }, index) => known.set(keyText(key), found[index]));
  return undefined;
}

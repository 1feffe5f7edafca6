import {
  CommitResponse,
  ErrorCode,
  GetResponse,
  LimitsResponse,
  ScanResponse,
  type Entry as EntryMessage,
  type KeyEntry as KeyEntryMessage,
} from '../gen/wasmstate/kv/v1/kv.ts';
import {
  REPLY_BYTES,
  type CommitResult,
  type Entry,
  type KvLimits,
  type ScanPage,
} from './contract.ts';
import { KvError } from './kv-error.ts';

const EMPTY = Buffer.alloc(0);
const ABSENT: EntryMessage = { found: false, value: EMPTY, version: 0n, expiresAt: 0n };

export function writeGet(found: readonly (Entry | undefined)[]): Uint8Array {
  let size = 0;
  const entries: EntryMessage[] = [];
  for (const entry of found) {
    size += entry?.value.length ?? 0;
    entries.push(
      entry === undefined
        ? ABSENT
        : {
            found: true,
            value: asBuffer(entry.value),
            version: entry.version,
            expiresAt: BigInt(entry.expiresAt),
          },
    );
  }
  if (size > REPLY_BYTES) throw replyTooLarge();
  return GetResponse.encode({ entries, error: undefined }).finish();
}

/** What a get ends with whose values are over REPLY_BYTES. */
export function replyTooLarge(): KvError {
  return new KvError(
    'TOO_LARGE',
    `the values asked for are over ${REPLY_BYTES} bytes: ask for fewer keys at a time`,
  );
}

export function writeCommit(result: CommitResult): Uint8Array {
  const failed = 'failedCheck' in result;
  return CommitResponse.encode({
    version: failed ? 0n : result.version,
    failedCheck: failed ? { index: result.failedCheck } : undefined,
    error: undefined,
  }).finish();
}

export function writeScan(page: ScanPage): Uint8Array {
  const entries = page.entries.map(({ key, value, version, expiresAt }): KeyEntryMessage => ({
    key: asBuffer(key),
    value: asBuffer(value),
    version,
    expiresAt: BigInt(expiresAt),
  }));
  const cursor = page.next === undefined ? EMPTY : asBuffer(page.next);
  return ScanResponse.encode({ entries, cursor, error: undefined }).finish();
}

export function writeLimits(limits: KvLimits): Uint8Array {
  return LimitsResponse.encode({
    keySize: BigInt(limits.keySize),
    valueSize: BigInt(limits.valueSize),
    commitOperations: BigInt(limits.commitOperations),
    commitSize: BigInt(limits.commitSize),
  }).finish();
}

/**
 * The reply of any method that failed: the field `error` of each response carries it. What is
 * not a KvError is a fault of the host, and its text is kept from the guest.
 */
export function writeError(method: 'get' | 'commit' | 'scan', thrown: unknown): Uint8Array {
  const error =
    thrown instanceof KvError
      ? { code: ErrorCode[`ERROR_CODE_${thrown.fault}`], message: thrown.message }
      : { code: ErrorCode.ERROR_CODE_INTERNAL, message: 'the host failed to serve this call' };
  switch (method) {
    case 'get':
      return GetResponse.encode({ entries: [], error }).finish();
    case 'commit':
      return CommitResponse.encode({ version: 0n, failedCheck: undefined, error }).finish();
    case 'scan':
      return ScanResponse.encode({ entries: [], cursor: EMPTY, error }).finish();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import {
  CommitResponse,
  ErrorCode,
  GetResponse,
  LimitsResponse,
  ScanResponse,
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
import { PlainWriter, sizedSize, varintSize } from './plain-writer.ts';

const EMPTY = Buffer.alloc(0);

/** A GetResponse, written by hand into a buffer of its size: the generated code takes four times as long. */
export function writeGet(found: readonly (Entry | undefined)[]): Uint8Array {
  let values = 0;
  let size = 0;
  for (const entry of found) {
    values += entry?.value.length ?? 0;
    size += sizedSize(entrySize(entry));
  }
  if (values > REPLY_BYTES) throw replyTooLarge();
  const reply = new PlainWriter(size);
  for (const entry of found) {
    reply.number(0x0a, entrySize(entry));
    if (entry !== undefined) writeEntry(entry, reply);
  }
  return reply.bytes;
}

function entrySize(entry: Entry | undefined): number {
  if (entry === undefined) return 0;
  const { value, version, expiresAt } = entry;
  let size = 2;
  if (value.length > 0) size += sizedSize(value.length);
  if (version !== 0n) size += 1 + varintSize(version);
  if (expiresAt !== 0) size += 1 + varintSize(expiresAt);
  return size;
}

function writeEntry({ value, version, expiresAt }: Entry, reply: PlainWriter): void {
  reply.number(0x08, 1);
  if (value.length > 0) reply.sized(0x12, value);
  if (version !== 0n) reply.number(0x18, version);
  if (expiresAt !== 0) reply.number(0x20, expiresAt);
}

/** What a get ends with whose values are over REPLY_BYTES. */
export function replyTooLarge(): KvError {
  return new KvError(
    'TOO_LARGE',
    `the values asked for are over ${REPLY_BYTES} bytes: ask for fewer keys at a time`,
  );
}

export function writeCommit(result: CommitResult): Uint8Array {
  if ('failedCheck' in result) {
    const failedCheck = { index: result.failedCheck };
    return CommitResponse.encode({ version: 0n, failedCheck, error: undefined }).finish();
  }
  if (result.version === 0n) return EMPTY;
  const reply = new PlainWriter(1 + varintSize(result.version));
  reply.number(0x08, result.version);
  return reply.bytes;
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

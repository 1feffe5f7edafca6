import { BinaryReader } from '@bufbuild/protobuf/wire';
import {
  CommitRequest,
  GetRequest,
  ScanRequest,
  type Check as CheckMessage,
  type Write as WriteMessage,
} from '../gen/wasmstate/kv/v1/kv.ts';
import {
  GET_KEYS,
  LONGEST_TTL,
  SCAN_ENTRIES,
  type Check,
  type Commit,
  type KvLimits,
  type ScanRange,
  type Write,
} from './contract.ts';
import { keyText } from './key-text.ts';
import { KvError } from './kv-error.ts';
import { plainCommit, plainKeys } from './read-plain.ts';
import { afterPrefix, later, sooner } from './range.ts';

/** Bytes that a message needs for a check or a write beside its key and value, at the most. */
const OPERATION_OVERHEAD = 64;

/** The keys of a GetRequest, as copies. Throws KvError. */
export function readGet(request: Uint8Array, limits: KvLimits): readonly Uint8Array[] {
  const keys = plainKeys(request, GET_KEYS) ?? decodedKeys(request);
  for (const key of keys) requireKeySize(key, limits);
  return keys;
}

function decodedKeys(request: Uint8Array): readonly Uint8Array[] {
  requireFewFields(request, GET_KEYS, 'keys in one get');
  return decoded(GetRequest, request).keys;
}

/** A CommitRequest within the limits and with no key written twice. Throws KvError. */
export function readCommit(request: Uint8Array, limits: KvLimits): Commit {
  const { commitOperations, commitSize } = limits;
  if (request.length > commitSize + 2 * commitOperations * OPERATION_OVERHEAD) {
    throw commitTooLarge(request.length, limits);
  }
  const { checks, writes: all } =
    plainCommit(request, 2 * commitOperations) ?? decodedCommit(request, limits);
  requireFewOperations(checks.length, all.length, limits);
  const writes = lastOfEachKey(all);
  let size = 0;
  for (const { key } of checks) {
    requireKeySize(key, limits);
    size += key.length;
  }
  for (const { key, put } of writes) {
    requireKeySize(key, limits);
    size += key.length + (put?.length ?? 0);
    if (put !== undefined && put.length > limits.valueSize) {
      throw new KvError(
        'TOO_LARGE',
        `a value of ${put.length} bytes: this engine takes ${limits.valueSize}`,
      );
    }
  }
  if (size > commitSize) {
    throw commitTooLarge(size, limits);
  }
  return { checks, writes };
}

function decodedCommit(request: Uint8Array, limits: KvLimits): Commit {
  const fields = 2 * limits.commitOperations;
  requireFewFields(request, fields, 'checks and writes in one commit');
  const { checks, writes } = decoded(CommitRequest, request);
  requireFewOperations(checks.length, writes.length, limits);
  return { checks: checks.map(readCheck), writes: writes.map(readWrite) };
}

function requireFewOperations(
  checks: number,
  writes: number,
  { commitOperations }: KvLimits,
): void {
  if (Math.max(checks, writes) <= commitOperations) return;
  throw new KvError(
    'TOO_LARGE',
    `a commit of ${checks} checks and ${writes} writes: this engine takes ${commitOperations} of each`,
  );
}

function commitTooLarge(size: number, { commitSize }: KvLimits): KvError {
  return new KvError(
    'TOO_LARGE',
    `a commit of ${size} bytes of keys and values: this engine takes ${commitSize}`,
  );
}

/** The keys that a ScanRequest asks for; undefined: there can be none. Throws KvError. */
export function readScan(request: Uint8Array): ScanRange | undefined {
  const message = decoded(ScanRequest, request);
  const first = later(message.prefix, message.start);
  const end = sooner(
    afterPrefix(message.prefix),
    message.end.length === 0 ? undefined : message.end,
  );
  const { cursor } = message;
  if (cursor.length > 0 && !within(cursor, first, end)) {
    throw new KvError('INVALID_ARGUMENT', 'cursor: not one that this scan returned');
  }
  const start = cursor.length > 0 ? cursor : first;
  if (!within(start, first, end)) return undefined;
  const limit = Math.min(message.limit || SCAN_ENTRIES, SCAN_ENTRIES);
  return { start, end, limit, keysOnly: message.keysOnly };
}

function within(key: Uint8Array, start: Uint8Array, end: Uint8Array | undefined): boolean {
  return Buffer.compare(key, start) >= 0 && (end === undefined || Buffer.compare(key, end) < 0);
}

function decoded<T>(type: { decode(bytes: Uint8Array): T }, request: Uint8Array): T {
  try {
    return type.decode(request);
  } catch (cause) {
    throw notAMessage(cause);
  }
}

function notAMessage(cause: unknown): KvError {
  return new KvError('INVALID_ARGUMENT', 'the request is not the message it should be', { cause });
}

/**
 * Counts before decoding, as a guest's two bytes for an empty field would become a hundred in
 * the host.
 */
function requireFewFields(request: Uint8Array, limit: number, what: string): void {
  const reader = new BinaryReader(request);
  let count = 0;
  try {
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      reader.skip(wireType, field);
      count += 1;
      if (count > limit) break;
    }
  } catch (cause) {
    throw notAMessage(cause);
  }
  if (count > limit) throw new KvError('TOO_LARGE', `more than ${limit} ${what}`);
}

function requireKeySize(key: Uint8Array, { keySize }: KvLimits): void {
  if (key.length <= keySize) return;
  throw new KvError('TOO_LARGE', `a key of ${key.length} bytes: this engine takes ${keySize}`);
}

function readCheck({ key, condition }: CheckMessage, index: number): Check {
  switch (condition?.$case) {
    case 'version':
      return { key, is: 'version', version: condition.value };
    case 'absent':
    case 'present':
      if (condition.value) return { key, is: condition.$case };
      throw new KvError('INVALID_ARGUMENT', `checks[${index}].${condition.$case}: must be true`);
    case undefined:
      throw new KvError('INVALID_ARGUMENT', `checks[${index}]: has no condition`);
  }
}

function readWrite({ key, operation }: WriteMessage, index: number): Write {
  switch (operation?.$case) {
    case 'put': {
      const ttl = Number(operation.value.ttl);
      if (ttl > LONGEST_TTL) {
        throw new KvError(
          'INVALID_ARGUMENT',
          `writes[${index}].put.ttl: more than ${LONGEST_TTL} milliseconds`,
        );
      }
      return { key, put: operation.value.value, ttl };
    }
    case 'delete':
      return { key, put: undefined };
    case undefined:
      throw new KvError('INVALID_ARGUMENT', `writes[${index}]: has no operation`);
  }
}

function lastOfEachKey(writes: readonly Write[]): readonly Write[] {
  if (writes.length < 2) return writes;
  const last = new Map<string, Write>();
  for (const write of writes) last.set(keyText(write.key), write);
  return last.size === writes.length ? writes : [...last.values()];
}

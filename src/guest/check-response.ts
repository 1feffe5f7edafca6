import { isUtf8 } from 'node:buffer';
import { WasmstateError } from '../error.ts';
import type { Method } from './methods.ts';

/** A message's fields by number: what daprd would not accept otherwise. */
type Shape = { readonly [field: number]: 'varint' | 'string' | 'bytes' | Shape };

const ETAG: Shape = { 1: 'string' };
const MAP: Shape = { 1: 'string', 2: 'string' };

/** Of Dapr's responses, as proto/dapr/proto/components/v1 has them; the others are empty. */
const RESPONSES: Readonly<Partial<Record<Method, Shape>>> = {
  Features: { 1: 'string' },
  Get: { 1: 'bytes', 2: ETAG, 3: MAP, 4: 'string' },
  BulkGet: { 1: { 1: 'string', 2: 'bytes', 3: ETAG, 4: 'string', 5: MAP, 6: 'string' } },
  Query: { 1: { 1: 'string', 2: 'bytes', 3: ETAG, 4: 'string', 5: 'string' }, 2: 'string', 3: MAP },
  MultiMaxSize: { 1: 'varint' },
};

const NOTHING: Shape = {};

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Sees to it that a response is the protobuf message that it should be. daprd would fail to
 * read another one, in words that name nobody. Fields that are not known are let through. Throws
 * GUEST_FAILED.
 */
export function checkResponse(method: Method, response: Buffer): void {
  if (response.length > 0) checkMessage(response, 0, response.length, RESPONSES[method] ?? NOTHING);
}

function checkMessage(bytes: Buffer, start: number, end: number, shape: Shape): void {
  let at = start;
  while (at < end) {
    const [tag, behindTag] = readVarint(bytes, at, end);
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    const kind = shape[field];
    const expected = kind === undefined ? wireType : kind === 'varint' ? VARINT : LENGTH_DELIMITED;
    if (field === 0 || wireType !== expected) throw malformed(at);
    at = behindTag;
    switch (wireType) {
      case VARINT:
        at = readVarint(bytes, at, end)[1];
        break;
      case FIXED64:
        at += 8;
        break;
      case FIXED32:
        at += 4;
        break;
      case LENGTH_DELIMITED: {
        const [size, content] = readVarint(bytes, at, end);
        at = content + size;
        if (at > end) throw malformed(content);
        if (kind === 'string') {
          if (size > 0 && !isUtf8(bytes.subarray(content, at))) throw malformed(content);
        } else if (typeof kind === 'object') {
          checkMessage(bytes, content, at, kind);
        }
        break;
      }
      default:
        throw malformed(at);
    }
  }
  if (at > end) throw malformed(at);
}

/** A number, exact up to 2^53, and the offset behind it. */
function readVarint(bytes: Buffer, start: number, end: number): readonly [number, number] {
  let value = 0;
  let factor = 1;
  for (let at = start; at < end && at < start + 10; at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte % 128) * factor;
    if (byte < 128) return [value, at + 1];
    factor *= 128;
  }
  throw malformed(start);
}

function malformed(offset: number): WasmstateError {
  return new WasmstateError(
    'GUEST_FAILED',
    `the response is not the message that it should be (byte ${offset})`,
  );
}

// Dapr's response messages; see requests.ts for where the numbers come from.
import { ByteBuffer } from '../byte-buffer';
import { Slice } from '../slice';
import { Entry } from '../store/entry';
import { TIMESTAMP_SIZE, writeTimestamp } from '../store/timestamp';
import { Writer } from '../wire/writer';

/** Room for all fields but those of any length: asked for at once, a buffer grows once. */
const OTHER_FIELDS: u32 = 128;

/** GetResponse: empty for a key that is not there. */
export function encodeGet(entry: Entry, to: Writer): void {
  if (!entry.found) return;
  to.hasRoom(entry.data.size + entry.contentType.size + OTHER_FIELDS);
  if (entry.data.size > 0) to.sliceField(0x0a, entry.data);
  etagField(to, 0x12, entry.version);
  if (entry.expiresAt !== 0) expiryEntry(to, 0x1a, entry.expiresAt);
  if (entry.contentType.size > 0) to.sliceField(0x22, entry.contentType);
}

/** One item of BulkGetResponse: the key alone where it is not there. */
export function encodeBulkItem(key: Slice, entry: Entry, to: Writer): void {
  const mark = to.begin(0x0a);
  to.sliceField(0x0a, key);
  if (entry.found) {
    if (entry.data.size > 0) to.sliceField(0x12, entry.data);
    etagField(to, 0x1a, entry.version);
    if (entry.expiresAt !== 0) expiryEntry(to, 0x2a, entry.expiresAt);
    if (entry.contentType.size > 0) to.sliceField(0x32, entry.contentType);
  }
  to.end(mark);
}

/** FeaturesResponse. */
export function encodeFeature(feature: string, to: Writer): void {
  to.textField(0x0a, feature);
}

/** MultiMaxSizeResponse; 0 says unlimited. */
export function encodeMultiMaxSize(size: u64, to: Writer): void {
  if (size > 0) to.varintField(0x08, min<u64>(size, i64.MAX_VALUE));
}

/** An Etag message: the version in decimal. */
function etagField(to: Writer, tag: u32, version: u64): void {
  const message = to.begin(tag);
  const text = to.begin(0x0a);
  to.decimal(version);
  to.end(text);
  to.end(message);
}

/** The metadata entry `ttlExpireTime`. */
function expiryEntry(to: Writer, tag: u32, expiresAt: i64): void {
  const entry = to.begin(tag);
  to.textField(0x0a, 'ttlExpireTime');
  to.byte(0x12);
  to.byte(TIMESTAMP_SIZE);
  writeTimestamp(expiresAt, to);
  to.end(entry);
}

/** One item of QueryResponse. */
export function encodeQueryItem(
  key: Slice,
  data: Slice,
  version: u64,
  contentType: Slice,
  to: Writer,
): void {
  const mark = to.begin(0x0a);
  to.sliceField(0x0a, key);
  if (data.size > 0) to.sliceField(0x12, data);
  etagField(to, 0x1a, version);
  if (contentType.size > 0) to.sliceField(0x2a, contentType);
  to.end(mark);
}

/** The token of QueryResponse. */
export function encodeQueryToken(token: ByteBuffer, to: Writer): void {
  to.bytesField(0x12, token.start, token.size);
}

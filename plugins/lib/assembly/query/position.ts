import { ByteBuffer } from '../byte-buffer';
import { Slice, compareBytes, hashBytes } from '../slice';
import { Reader } from '../wire/reader';
import { Writer } from '../wire/writer';
import { appendBase64, decodeBase64 } from './base64';
import { SortKey } from './query';
import { Kind, Scalar, compareSorted } from './scalar';

/** Of the token's form; a token of another form is refused. */
const VERSION = 1;

/**
 * A place in a query's order: what an item is sorted by, then its key, which decides between equal
 * ones. It stays meaningful when items come, go and change.
 */
@final
export class Position {
  values: Array<Scalar> = new Array<Scalar>();
  key: Slice = new Slice();

  constructor(count: i32) {
    for (let i = 0; i < count; i++) this.values.push(new Scalar());
  }

  compare(other: Position, sort: Array<SortKey>): i32 {
    for (let i = 0; i < sort.length; i++) {
      const order = compareSorted(
        unchecked(this.values[i]),
        unchecked(other.values[i]),
        unchecked(sort[i]).descending,
      );
      if (order !== 0) return order;
    }
    return compareBytes(this.key.at, this.key.size, other.key.at, other.key.size);
  }
}

/**
 * Writes a position as text for the caller to send back: version, the query's hash, kind and bytes
 * of every value, the key; then a hash over all of it.
 */
export function writeToken(position: Position, query: u64, to: ByteBuffer): void {
  const plain = new Writer();
  plain.varint(VERSION);
  plain.varint(query);
  for (let i = 0; i < position.values.length; i++) {
    const value = position.values[i];
    plain.byte(value.kind);
    plain.varint(value.size);
    plain.bytes(value.at, value.size);
  }
  plain.varint(position.key.size);
  plain.bytes(position.key.at, position.key.size);
  plain.varint(hashBytes(plain.start, plain.size));
  appendBase64(plain.start, plain.size, to);
  plain.release();
}

/** @returns null where the text is not a token of this query. */
export function readToken(token: Slice, query: u64, count: i32): Position | null {
  const bytes = decodeBase64(token);
  if (bytes === null) return null;
  const at = changetype<usize>(bytes);
  const reader = new Reader();
  reader.open(at, bytes.byteLength);
  if (reader.varint() !== VERSION || reader.varint() !== query) return null;
  const position = new Position(count);
  for (let i = 0; i < count; i++) {
    const value = position.values[i];
    const kind = <u32>reader.varint();
    const slice = new Slice();
    reader.bytes(slice);
    if (kind > <u32>Kind.Missing) return null;
    value.set(<Kind>kind, slice.at, slice.size);
  }
  reader.bytes(position.key);
  const end = position.key.at + position.key.size;
  const hash = reader.varint();
  const more = reader.next();
  if (more || reader.failed || hash !== hashBytes(at, <u32>(end - at))) return null;
  return position;
}

/** Object identifiers of PostgreSQL's built-in types, the same in every server. */
const BYTEA = 17;
const INT4 = 23;
const INT8 = 20;

const HEADER = 20;
const NULL = -1;

/** `bytea[]` in PostgreSQL's binary format (array_send), which spares the text of hex digits. */
export function byteaArray(items: readonly (Uint8Array | undefined)[]): Buffer {
  const size = items.reduce((sum, item) => sum + 4 + (item?.length ?? 0), HEADER);
  const array = Buffer.allocUnsafe(size);
  let at = writeHeader(array, BYTEA, items.length);
  for (const item of items) {
    at = array.writeInt32BE(item?.length ?? NULL, at);
    if (item === undefined) continue;
    array.set(item, at);
    at += item.length;
  }
  return array;
}

export function int4Array(items: readonly number[]): Buffer {
  const array = Buffer.allocUnsafe(HEADER + items.length * 8);
  let at = writeHeader(array, INT4, items.length);
  for (const item of items) {
    at = array.writeInt32BE(4, at);
    at = array.writeInt32BE(item, at);
  }
  return array;
}

export function int8Array(items: readonly bigint[]): Buffer {
  const array = Buffer.allocUnsafe(HEADER + items.length * 12);
  let at = writeHeader(array, INT8, items.length);
  for (const item of items) {
    at = array.writeInt32BE(8, at);
    at = array.writeBigInt64BE(item, at);
  }
  return array;
}

function writeHeader(array: Buffer, type: number, length: number): number {
  let at = array.writeInt32BE(1, 0); // dimensions
  at = array.writeInt32BE(1, at); // may hold nulls
  at = array.writeInt32BE(type, at);
  at = array.writeInt32BE(length, at);
  return array.writeInt32BE(1, at); // the first index
}

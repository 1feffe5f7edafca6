import { Http2Fault } from './http2-fault.ts';
import { decodeHuffman } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

/*
 * Header blocks, RFC 7541, without the dynamic table: this side says that its table has no room
 * (SETTINGS_HEADER_TABLE_SIZE 0) and puts nothing into the other side's. So no block depends on
 * another, and one that comes again means what it meant.
 */

/** Fields of a header block by their names; those of one name are joined with commas. */
export type Fields = ReadonlyMap<string, string>;

/** Blocks whose meaning is kept; servers send few that differ. */
const KEPT = 32;
const KEPT_SIZE = 256;

export class HeaderDecoder {
  readonly #known = new Map<string, Fields>();

  /** Throws Http2Fault. */
  decode(block: Buffer): Fields {
    if (block.length > KEPT_SIZE) return decodeBlock(block);
    const text = block.toString('latin1');
    let fields = this.#known.get(text);
    if (fields === undefined) {
      fields = decodeBlock(block);
      if (this.#known.size < KEPT) this.#known.set(text, fields);
    }
    return fields;
  }
}

/** Names in lower case, values in latin1. `secret` ones are to be indexed by no proxy either. */
export function encodeFields(
  fields: Iterable<readonly [name: string, value: string, secret?: boolean]>,
): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value, secret = false] of fields) {
    parts.push(Buffer.of(secret ? 0x10 : 0), encodeText(name), encodeText(value));
  }
  return Buffer.concat(parts);
}

function encodeText(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  if (bytes.length < 0x7f) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [0x7f];
  let rest = bytes.length - 0x7f;
  for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

function decodeBlock(block: Buffer): Fields {
  const fields = new Map<string, string>();
  const at = { block, offset: 0 };
  while (at.offset < block.length) {
    const first = block[at.offset] ?? 0;
    if ((first & 0xe0) === 0x20) {
      if (readInteger(at, 0x1f) !== 0) throw new Http2Fault('COMPRESSION_ERROR', 'a table grew');
      continue;
    }
    const indexed = first >= 0x80;
    const index = readInteger(at, indexed ? 0x7f : first >= 0x40 ? 0x3f : 0x0f);
    const known = STATIC_TABLE[index - 1];
    if (known === undefined && (indexed || index !== 0)) {
      throw new Http2Fault('COMPRESSION_ERROR', `no field has number ${index}`);
    }
    const name = known?.[0] ?? readText(at);
    const value = indexed ? (known?.[1] ?? '') : readText(at);
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before},${value}`);
  }
  return fields;
}

interface Position {
  readonly block: Buffer;
  offset: number;
}

/** RFC 7541, section 5.1; `mask` covers the bits of the first byte that belong to it. */
function readInteger(at: Position, mask: number): number {
  let value = nextByte(at) & mask;
  if (value < mask) return value;
  for (let shift = 0; shift <= 21; shift += 7) {
    const byte = nextByte(at);
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new Http2Fault('COMPRESSION_ERROR', 'a number without an end');
}

function readText(at: Position): string {
  const isHuffman = (at.block[at.offset] ?? 0) >= 0x80;
  const length = readInteger(at, 0x7f);
  const start = at.offset;
  at.offset += length;
  if (at.offset > at.block.length) throw tooShort();
  return isHuffman
    ? decodeHuffman(at.block.subarray(start, at.offset))
    : at.block.toString('latin1', start, at.offset);
}

function nextByte(at: Position): number {
  const byte = at.block[at.offset];
  if (byte === undefined) throw tooShort();
  at.offset += 1;
  return byte;
}

function tooShort(): Http2Fault {
  return new Http2Fault('COMPRESSION_ERROR', 'a header block that ends too early');
}

import { Http2Fault, ERROR } from '../errors.ts';
import { huffmanDecode } from './huffman.ts';
import { STATIC_TABLE } from './static-table.ts';

/** Bytes of a table while nothing else was agreed (RFC 9113, section 6.5.2). */
export const DEFAULT_TABLE_SIZE = 4096;

/** Blocks whose meaning is kept where they share no table, and bytes of the longest of them. */
const KEPT = 32;
const KEPT_SIZE = 256;

/** What a field counts beside its name and value (RFC 7541, section 4.1). */
const FIELD_OVERHEAD = 32;

export interface HeaderBlock {
  /** Names and values in turn, one character for each byte. */
  readonly fields: readonly string[];
  /** No field has a name or a value that HTTP/2 forbids. */
  readonly isValid: boolean;
}

interface Field {
  readonly name: string;
  readonly value: string;
  /** HTTP/2 allows it (RFC 9113, section 8.2). Known once for all that refer to the field. */
  readonly isValid: boolean;
}

const STATIC = STATIC_TABLE.map(([name, value]): Field => ({ name, value, isValid: true }));

/** Lower case only, as HTTP/2 has it; a colon marks what is no header but part of the request line. */
const NAME = /^:?[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** No control characters, and no blanks around it. */
const VALUE = /^(?![ \t])[^\0\r\n]*(?<![ \t])$/;

/** Reads the header blocks of one connection, which share a table of fields (RFC 7541). */
export class HpackDecoder {
  readonly #maxFields: number;
  readonly #tableSize: number;
  /** The newest last; what was evicted is cut off from time to time. */
  #dynamic: Field[] = [];
  #evicted = 0;
  #size = 0;
  #capacity: number;
  #block: Uint8Array = new Uint8Array();
  #at = 0;
  readonly #kept = new Map<string, HeaderBlock>();

  /**
   * @param maxFields bytes of all names and values of one block, as HTTP/2 counts them
   * @param tableSize bytes of the largest table, as the other side was told
   */
  constructor(maxFields: number, tableSize: number) {
    this.#maxFields = maxFields;
    this.#tableSize = this.#capacity = tableSize;
  }

  /**
   * Decodes one whole block. Throws an Http2Fault, as the table of the other side is
   * unknown from then on.
   */
  decode(block: Buffer): HeaderBlock {
    // Without a table a block means what it meant before, and a server sends few that differ.
    if (this.#tableSize > 0 || block.length > KEPT_SIZE) return this.#decode(block);
    const key = block.toString('latin1');
    let decoded = this.#kept.get(key);
    if (decoded === undefined) {
      decoded = this.#decode(block);
      if (this.#kept.size < KEPT) this.#kept.set(key, decoded);
    }
    return decoded;
  }

  #decode(block: Uint8Array): HeaderBlock {
    this.#block = block;
    this.#at = 0;
    const fields: string[] = [];
    let isValid = true;
    let size = 0;
    while (this.#at < block.length) {
      const first = block[this.#at] ?? 0;
      let field: Field;
      if (first >= 0x80) {
        field = this.#indexed(this.#integer(7));
      } else if (first >= 0x40) {
        field = this.#literal(6);
        this.#insert(field);
      } else if (first >= 0x20) {
        if (fields.length > 0) throw malformed('a table size update behind a field');
        this.#resize(this.#integer(5));
        continue;
      } else {
        field = this.#literal(4);
      }
      size += field.name.length + field.value.length + FIELD_OVERHEAD;
      if (size > this.#maxFields) {
        throw new Http2Fault(
          ERROR.ENHANCE_YOUR_CALM,
          `headers of more than ${this.#maxFields} bytes`,
        );
      }
      fields.push(field.name, field.value);
      isValid &&= field.isValid;
    }
    return { fields, isValid };
  }

  #indexed(index: number): Field {
    const field =
      index <= STATIC.length
        ? STATIC[index - 1]
        : this.#dynamic[this.#dynamic.length - (index - STATIC.length)];
    const isThere = index - STATIC.length <= this.#dynamic.length - this.#evicted;
    if (field === undefined || !isThere) throw malformed(`no field has number ${index}`);
    return field;
  }

  #literal(prefix: number): Field {
    const index = this.#integer(prefix);
    const name = index === 0 ? this.#string() : this.#indexed(index).name;
    const value = this.#string();
    return { name, value, isValid: NAME.test(name) && VALUE.test(value) };
  }

  #insert(field: Field): void {
    this.#dynamic.push(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  #resize(capacity: number): void {
    if (capacity > this.#tableSize) throw malformed(`a table of ${capacity} bytes`);
    this.#capacity = capacity;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#capacity) {
      const oldest = this.#dynamic[this.#evicted];
      if (oldest === undefined) break;
      this.#size -= sizeOf(oldest);
      this.#evicted += 1;
    }
    if (this.#evicted < 64) return;
    this.#dynamic = this.#dynamic.slice(this.#evicted);
    this.#evicted = 0;
  }

  /** RFC 7541, section 5.1. */
  #integer(prefix: number): number {
    const most = (1 << prefix) - 1;
    let value = this.#byte() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed('an integer that is too long');
  }

  /** RFC 7541, section 5.2. */
  #string(): string {
    const isHuffman = (this.#block[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#block.length) throw malformed('a string behind the end');
    this.#at = end;
    if (isHuffman) {
      const text = huffmanDecode(this.#block, start, end);
      if (text === undefined) throw malformed('a string that is not in the Huffman code');
      return text;
    }
    let text = '';
    for (let at = start; at < end; at += 1) text += String.fromCharCode(this.#block[at] ?? 0);
    return text;
  }

  #byte(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw malformed('it ends too early');
    this.#at += 1;
    return byte;
  }
}

function sizeOf({ name, value }: Field): number {
  return name.length + value.length + FIELD_OVERHEAD;
}

function malformed(what: string): Http2Fault {
  return new Http2Fault(ERROR.COMPRESSION_ERROR, `a header block is malformed: ${what}`);
}

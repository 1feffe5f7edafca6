import { LONGEST_TTL, type Check, type Commit, type Write } from './contract.ts';

/** Bytes; a larger request is rare, and what it costs is its bytes, not its fields. */
const LARGEST = 64 * 1024;

/*
 * Most requests are written in one way: known fields, in order, each once. They are read here, at
 * a third of the cost of the generated code. What is written in any other way, or wrongly, is
 * undefined here and left to the generated code, which has the last word on what it is.
 */

/** The keys of a GetRequest, as copies, `most` of them at the most. */
export function plainKeys(request: Uint8Array, most: number): readonly Uint8Array[] | undefined {
  if (request.length > LARGEST) return undefined;
  const reader = new PlainReader(request);
  const keys: Uint8Array[] = [];
  while (reader.takes(0x0a)) keys.push(reader.bytes());
  return reader.wellRead && keys.length <= most ? keys : undefined;
}

/** A CommitRequest, `most` checks and writes at the most, whose keys and values are copies. */
export function plainCommit(request: Uint8Array, most: number): Commit | undefined {
  if (request.length > LARGEST) return undefined;
  const reader = new PlainReader(request);
  const checks: Check[] = [];
  const writes: Write[] = [];
  while (reader.takes(0x0a)) checks.push(readCheck(reader));
  while (reader.takes(0x12)) writes.push(readWrite(reader));
  return reader.wellRead && checks.length + writes.length <= most ? { checks, writes } : undefined;
}

function readCheck(reader: PlainReader): Check {
  const end = reader.enter();
  const key = reader.takes(0x0a) ? reader.bytes() : EMPTY;
  let check: Check;
  if (reader.takes(0x10)) {
    check = { key, is: 'version', version: BigInt(reader.varint()) };
  } else {
    const absent = reader.takes(0x18);
    reader.require((absent || reader.takes(0x20)) && reader.varint() === 1);
    check = { key, is: absent ? 'absent' : 'present' };
  }
  reader.leave(end);
  return check;
}

function readWrite(reader: PlainReader): Write {
  const end = reader.enter();
  const key = reader.takes(0x0a) ? reader.bytes() : EMPTY;
  let write: Write;
  if (reader.takes(0x12)) {
    const putEnd = reader.enter();
    const put = reader.takes(0x0a) ? reader.bytes() : EMPTY;
    const ttl = reader.takes(0x10) ? reader.varint() : 0;
    reader.require(ttl <= LONGEST_TTL);
    write = { key, put, ttl };
    reader.leave(putEnd);
  } else {
    write = { key, put: undefined };
    reader.require(reader.takes(0x1a) && reader.varint() === 0);
  }
  reader.leave(end);
  return write;
}

const EMPTY = Buffer.alloc(0);

/** Reads a copy of a request, from which it cuts keys and values. */
class PlainReader {
  readonly #bytes: Buffer;
  #at = 0;
  #end: number;
  #failed = false;

  constructor(request: Uint8Array) {
    this.#bytes = Buffer.allocUnsafe(request.length);
    this.#bytes.set(request);
    this.#end = request.length;
  }

  /** All of it was as expected; otherwise nothing that was read is of use. */
  get wellRead(): boolean {
    return !this.#failed && this.#at === this.#end;
  }

  require(expected: boolean): void {
    if (!expected) this.#failed = true;
  }

  /** Whether the field with this tag, of one byte, comes next; then it is read. */
  takes(tag: number): boolean {
    if (this.#failed || this.#at >= this.#end || this.#bytes[this.#at] !== tag) return false;
    this.#at += 1;
    return true;
  }

  /** Up to 2^53, from where numbers are not exact. */
  varint(): number {
    let value = 0;
    let factor = 1;
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) {
        this.require(value <= Number.MAX_SAFE_INTEGER);
        return this.#failed ? 0 : value;
      }
      factor *= 128;
    }
    this.#failed = true;
    return 0;
  }

  bytes(): Buffer {
    const start = this.#sized();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Goes into a message; `leave` wants what this returns. */
  enter(): number {
    const outer = this.#end;
    const start = this.#sized();
    this.#end = this.#at;
    this.#at = start;
    return outer;
  }

  leave(outer: number): void {
    this.require(this.#at === this.#end);
    this.#end = outer;
  }

  /** Where the content that comes next starts; it ends where the reader stands then. */
  #sized(): number {
    const size = this.varint();
    const start = this.#at;
    if (size > this.#end - start) this.#failed = true;
    else this.#at = start + size;
    return start;
  }
}

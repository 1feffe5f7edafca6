import { WasmstateError } from '../../error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How a place in a module is written in messages. */
export function place(offset: number): string {
  return `byte 0x${offset.toString(16)}`;
}

/**
 * A cursor over a part of a module. No length that the module states is trusted: every read is
 * checked against `end`, and a failure is MODULE_REFUSED with the offset in the whole module.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  fail(what: string, offset = this.at): never {
    throw new WasmstateError(
      'MODULE_REFUSED',
      `not a valid WebAssembly module: ${what} at ${place(offset)}`,
    );
  }

  u8(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined || this.at >= this.end) this.fail('unexpected end');
    this.at += 1;
    return byte;
  }

  skip(length: number): void {
    if (length > this.end - this.at) this.fail(`${length} bytes are announced but missing`);
    this.at += length;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  u32(): number {
    const start = this.at;
    let value = this.u8();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; ; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) this.fail('a number of more than 32 bits', start);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** An unsigned LEB128 number of at most 64 bits; exact up to 2^53, rounded above. */
  u64(): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift === 63 && byte > 1) this.fail('a number of more than 64 bits', start);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over a LEB128 number, signed or not, of at most `bits` bits. */
  skipLeb(bits: 32 | 33 | 64): void {
    const start = this.at;
    const longest = bits === 64 ? 10 : 5;
    while (this.u8() >= 0x80) {
      if (this.at - start >= longest) this.fail(`a number of more than ${bits} bits`, start);
    }
  }

  /** A length in bytes followed by that many bytes of UTF-8. */
  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, this.at));
    } catch {
      return this.fail('a name that is not UTF-8', start);
    }
  }

  /** A length in bytes, and a reader over that many bytes; this reader moves behind them. */
  part(): ByteReader {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    return new ByteReader(this.bytes, start, this.at);
  }
}

import { Slice } from '../slice';

/**
 * Reads protobuf's wire format from bytes that stay where they are. A tag holds the field's number
 * and wire type; callers compare whole tags, so a field of an unexpected type is skipped like an
 * unknown one. Groups, which proto3 does not have, count as malformed.
 */
@final
export class Reader {
  tag: u32 = 0;
  failed: bool = false;
  private p: usize = 0;
  private end: usize = 0;

  open(at: usize, size: u32): void {
    this.p = at;
    this.end = at + size;
    this.failed = false;
  }

  /** Moves to the next field; false at the end, and where the bytes are malformed. */
  next(): bool {
    if (this.failed || this.p >= this.end) return false;
    const tag = this.varint();
    // Field numbers are 1 to 2^29 - 1.
    if (tag < 8 || tag > 0xffffffff) this.failed = true;
    this.tag = <u32>tag;
    return !this.failed;
  }

  varint(): u64 {
    let p = this.p;
    const end = this.end;
    let value: u64 = 0;
    for (let shift: u32 = 0; shift < 70; shift += 7) {
      if (p >= end) break;
      const byte: u64 = load<u8>(p++);
      // The tenth byte holds the last bit of 64.
      if (shift === 63 && byte > 1) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.p = p;
        return value;
      }
    }
    this.failed = true;
    return 0;
  }

  /** A length-delimited field: bytes, text or a message. */
  bytes(into: Slice): void {
    const size = this.varint();
    if (this.failed || size > <u64>(this.end - this.p)) {
      this.failed = true;
      into.clear();
      return;
    }
    into.set(this.p, <u32>size);
    this.p += <usize>size;
  }

  /** Narrows the reader to a nested message; give what it returns to `leave`. */
  enter(): usize {
    const end = this.end;
    const size = this.varint();
    if (this.failed || size > <u64>(end - this.p)) {
      this.failed = true;
      return end;
    }
    this.end = this.p + <usize>size;
    return end;
  }

  leave(end: usize): void {
    this.p = this.end;
    this.end = end;
  }

  /** Passes over the current field's value. */
  skip(): void {
    switch (this.tag & 7) {
      case 0: {
        this.varint();
        return;
      }
      case 1: {
        this.pass(8);
        return;
      }
      case 2: {
        this.pass(this.varint());
        return;
      }
      case 5: {
        this.pass(4);
        return;
      }
      default:
        this.failed = true;
    }
  }

  private pass(size: u64): void {
    if (this.failed || size > <u64>(this.end - this.p)) this.failed = true;
    else this.p += <usize>size;
  }
}

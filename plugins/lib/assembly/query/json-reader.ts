import { Slice } from '../slice';

/** Objects and arrays inside each other, counting the outermost. */
export const MAX_DEPTH = 200;

/** Moves over JSON text (RFC 8259) and stops at the first byte that is none. */
@final
export class JsonReader {
  failed: bool = false;
  /** Whether the string that was read last has escapes in it. */
  escaped: bool = false;
  private begin: usize = 0;
  private p: usize = 0;
  private end: usize = 0;

  open(at: usize, size: u32): void {
    this.begin = at;
    this.p = at;
    this.end = at + size;
    this.failed = false;
  }

  get position(): usize {
    return this.p;
  }

  /** Bytes before the current one. */
  get offset(): u32 {
    return <u32>(this.p - this.begin);
  }

  /** The next byte that is not white space; 0 at the end. */
  peek(): u32 {
    while (this.p < this.end) {
      const byte: u32 = load<u8>(this.p);
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.p += 1;
    }
    return 0;
  }

  /** Passes over one byte of punctuation, if it comes next. */
  take(byte: u32): bool {
    if (this.peek() !== byte) return false;
    this.p += 1;
    return true;
  }

  expect(byte: u32): void {
    if (!this.take(byte)) this.failed = true;
  }

  /** A string; `into` gets what is between the quotes, with its escapes. */
  string(into: Slice): void {
    this.expect(0x22);
    const at = this.p;
    this.escaped = false;
    while (!this.failed && this.p < this.end) {
      const byte: u32 = load<u8>(this.p);
      if (byte === 0x22) {
        into.set(at, <u32>(this.p - at));
        this.p += 1;
        return;
      }
      if (byte < 0x20) break;
      this.p += 1;
      if (byte === 0x5c) this.escape();
    }
    this.failed = true;
  }

  number(): void {
    if (this.p < this.end && load<u8>(this.p) === 0x2d) this.p += 1;
    if (this.p < this.end && load<u8>(this.p) === 0x30) this.p += 1;
    else this.digits();
    if (this.p < this.end && load<u8>(this.p) === 0x2e) {
      this.p += 1;
      this.digits();
    }
    if (this.p < this.end && ((<u32>load<u8>(this.p)) | 0x20) === 0x65) {
      this.p += 1;
      if (this.p < this.end) {
        const sign: u32 = load<u8>(this.p);
        if (sign === 0x2b || sign === 0x2d) this.p += 1;
      }
      this.digits();
    }
  }

  /** `true`, `false` or `null`. */
  literal(text: string): void {
    const size = <u32>text.length;
    for (let i: u32 = 0; i < size; i++) {
      if (this.p === this.end || <u32>load<u8>(this.p) !== <u32>text.charCodeAt(i)) {
        this.failed = true;
        return;
      }
      this.p += 1;
    }
  }

  private digits(): void {
    const at = this.p;
    while (this.p < this.end && <u32>load<u8>(this.p) - 48 < 10) this.p += 1;
    if (this.p === at) this.failed = true;
  }

  private escape(): void {
    this.escaped = true;
    if (this.p === this.end) {
      this.failed = true;
      return;
    }
    const byte: u32 = load<u8>(this.p++);
    if (byte === 0x75) {
      for (let i = 0; i < 4; i++) {
        if (this.p === this.end || hexValue(load<u8>(this.p)) > 15) {
          this.failed = true;
          return;
        }
        this.p += 1;
      }
    } else if (simpleEscape(byte) === 0) {
      this.failed = true;
    }
  }
}

export function hexValue(byte: u32): u32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}

/** The character that a letter after a backslash stands for; 0: none. */
export function simpleEscape(byte: u32): u32 {
  switch (byte) {
    case 0x22:
    case 0x2f:
    case 0x5c:
      return byte;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return 0;
  }
}

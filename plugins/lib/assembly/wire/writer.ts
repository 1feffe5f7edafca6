import { ByteBuffer } from '../byte-buffer';
import { Slice } from '../slice';

/** Bytes of a varint. */
export function varintSize(value: u64): u32 {
  return (70 - <u32>clz<u64>(value | 1)) / 7;
}

/** Writes protobuf's wire format. Fields with default values are the caller's to leave out. */
@final
export class Writer extends ByteBuffer {
  varint(value: u64): void {
    const to = this.reserve(10);
    let length: u32 = 0;
    let rest = value;
    while (rest >= 0x80) {
      store<u8>(to + length++, (<u32>(rest & 0x7f)) | 0x80);
      rest >>= 7;
    }
    store<u8>(to + length++, <u32>rest);
    this.size += length;
  }

  /** `tag` is one byte: fields 1 to 15. */
  varintField(tag: u32, value: u64): void {
    this.byte(tag);
    this.varint(value);
  }

  bytesField(tag: u32, at: usize, size: u32): void {
    this.byte(tag);
    this.varint(size);
    this.bytes(at, size);
  }

  sliceField(tag: u32, value: Slice): void {
    this.bytesField(tag, value.at, value.size);
  }

  textField(tag: u32, text: string): void {
    this.byte(tag);
    this.varint(<u64>text.length);
    this.text(text);
  }

  /** Begins a nested message; give what it returns to `end`. */
  begin(tag: u32): u32 {
    this.byte(tag);
    this.byte(0);
    return this.size;
  }

  /** Most nested messages need one byte for their length; a longer one is moved to make room. */
  end(mark: u32): void {
    if (this.lost) return;
    const size = this.size - mark;
    const extra = varintSize(size) - 1;
    if (extra !== 0) {
      if (!this.hasRoom(extra)) return;
      const content = this.start + mark;
      memory.copy(content + extra, content, size);
    }
    this.size = mark - 1;
    this.varint(size);
    this.size += size;
  }
}

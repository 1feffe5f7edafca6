import { release, tryAllocate } from './memory/allocator';
import { noteLack } from './memory/lack';

/** Takes what is written where there is no memory for it. */
const nowhere: usize = memory.data(32, 8);

/**
 * Bytes that grow at the end. The memory is the buffer's own until `reset` or `release`. Where it
 * cannot grow it notes the lack, and what it holds means nothing until it is reset.
 */
export class ByteBuffer {
  start: usize = 0;
  size: u32 = 0;
  /** Whether bytes are missing for lack of memory. */
  lost: bool = false;
  private capacity: u32 = 0;

  /** Makes room for up to 32 bytes and returns where they go; earlier addresses are void. */
  reserve(extra: u32): usize {
    return this.hasRoom(extra) ? this.start + this.size : nowhere;
  }

  /** Makes room for `extra` more bytes. @returns false where there is no memory for them. */
  hasRoom(extra: u32): bool {
    if (this.lost) return false;
    const needed = <u64>this.size + <u64>extra;
    return needed <= <u64>this.capacity || this.grow(needed);
  }

  byte(value: u32): void {
    store<u8>(this.reserve(1), value);
    this.size += 1;
  }

  bytes(at: usize, size: u32): void {
    if (!this.hasRoom(size)) return;
    memory.copy(this.start + this.size, at, size);
    this.size += size;
  }

  /** ASCII text. */
  text(text: string): void {
    const size = <u32>text.length;
    if (!this.hasRoom(size)) return;
    const to = this.start + this.size;
    const units = changetype<usize>(text);
    for (let i: u32 = 0; i < size; i++) store<u8>(to + i, load<u16>(units + (i << 1)));
    this.size += size;
  }

  /** A number in decimal digits. */
  decimal(value: u64): void {
    const to = this.reserve(20);
    let digits: u32 = 1;
    for (let rest = value / 10; rest !== 0; rest /= 10) digits += 1;
    let rest = value;
    for (let i = digits; i > 0; i--) {
      store<u8>(to + i - 1, 48 + <u32>(rest % 10));
      rest /= 10;
    }
    this.size += digits;
  }

  /** Empties the buffer and gives memory back where it holds more than `keep` bytes. */
  reset(keep: u32): void {
    this.size = 0;
    this.lost = false;
    if (this.capacity > keep) this.release();
  }

  release(): void {
    release(this.start);
    this.start = 0;
    this.size = 0;
    this.lost = false;
    this.capacity = 0;
  }

  private grow(needed: u64): bool {
    const doubled = max<u64>(<u64>this.capacity + <u64>min(this.capacity, 0x1000000), 256);
    let capacity = max<u64>(needed, doubled);
    let start = tryAllocate(<usize>min<u64>(capacity, usize.MAX_VALUE));
    if (start === 0) {
      capacity = needed;
      start = tryAllocate(<usize>min<u64>(capacity, usize.MAX_VALUE));
    }
    if (start === 0) {
      this.lost = true;
      noteLack();
      return false;
    }
    memory.copy(start, this.start, this.size);
    release(this.start);
    this.start = start;
    this.capacity = <u32>capacity;
    return true;
  }
}

/** A view of bytes that somebody else owns; it never frees or copies them. */
@final
export class Slice {
  at: usize = 0;
  size: u32 = 0;

  set(at: usize, size: u32): void {
    this.at = at;
    this.size = size;
  }

  clear(): void {
    this.at = 0;
    this.size = 0;
  }

  /** Whether these are exactly the bytes of an ASCII text. */
  isText(text: string): bool {
    const size = <u32>text.length;
    if (this.size !== size) return false;
    const units = changetype<usize>(text);
    for (let i: u32 = 0; i < size; i++) {
      if (<u32>load<u8>(this.at + i) !== <u32>load<u16>(units + (i << 1))) return false;
    }
    return true;
  }
}

export function sameBytes(a: usize, aSize: u32, b: usize, bSize: u32): bool {
  return aSize === bSize && memory.compare(a, b, aSize) === 0;
}

/** As unsigned bytes; a prefix comes before what it begins. */
export function compareBytes(a: usize, aSize: u32, b: usize, bSize: u32): i32 {
  const order = memory.compare(a, b, min(aSize, bSize));
  if (order !== 0) return order;
  return aSize < bSize ? -1 : i32(aSize > bSize);
}

/** FNV-1a, 64 bits; `seed` continues an earlier hash. */
export function hashBytes(at: usize, size: u32, seed: u64 = 0xcbf29ce484222325): u64 {
  let hash = seed;
  for (let i: u32 = 0; i < size; i++) hash = (hash ^ load<u8>(at + i)) * 0x100000001b3;
  return hash;
}

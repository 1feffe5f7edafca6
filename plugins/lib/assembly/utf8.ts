/** Whether the bytes are UTF-8 as RFC 3629 defines it: shortest forms, no surrogates, to U+10FFFF. */
export function isUtf8(at: usize, size: u32): bool {
  const end = at + size;
  let p = at;
  while (p < end) {
    // Most text is ASCII: eight bytes at a time while no high bit shows.
    if (p + 8 <= end && (load<u64>(p) & 0x8080808080808080) === 0) {
      p += 8;
      continue;
    }
    const first: u32 = load<u8>(p);
    if (first < 0x80) {
      p += 1;
      continue;
    }
    const length = sequenceLength(first);
    if (length === 0 || p + length > end) return false;
    if (!isSequence(p, first, length)) return false;
    p += length;
  }
  return true;
}

function sequenceLength(first: u32): u32 {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

function isSequence(at: usize, first: u32, length: u32): bool {
  for (let i: u32 = 1; i < length; i++) {
    if ((load<u8>(at + i) & 0xc0) !== 0x80) return false;
  }
  const second: u32 = load<u8>(at + 1);
  if (first === 0xe0) return second >= 0xa0; // overlong
  if (first === 0xed) return second <= 0x9f; // surrogates
  if (first === 0xf0) return second >= 0x90; // overlong
  if (first === 0xf4) return second <= 0x8f; // beyond U+10FFFF
  return true;
}

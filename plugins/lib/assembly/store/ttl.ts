import { Slice } from '../slice';

export const BAD_TTL: u64 = u64.MAX_VALUE;

/**
 * Reads `ttlInSeconds` as Dapr's own stores do: a whole number of seconds up to 2^31 - 1; an empty
 * text, -1 and 0 mean that the key never expires.
 * @returns milliseconds, 0 for never, or BAD_TTL.
 */
export function parseTtl(text: Slice): u64 {
  if (text.size === 0) return 0;
  let i: u32 = 0;
  const sign: u32 = load<u8>(text.at);
  if (sign === 0x2d || sign === 0x2b) i = 1;
  if (i === text.size) return BAD_TTL;
  let seconds: u64 = 0;
  for (; i < text.size; i++) {
    const digit = <u64>load<u8>(text.at + i) - 48;
    if (digit > 9) return BAD_TTL;
    seconds = seconds * 10 + digit;
    if (seconds > 0x7fffffff) return BAD_TTL;
  }
  if (sign === 0x2d) return seconds > 1 ? BAD_TTL : 0;
  return seconds * 1000;
}

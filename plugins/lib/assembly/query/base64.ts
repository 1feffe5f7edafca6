import { ByteBuffer } from '../byte-buffer';
import { Slice } from '../slice';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Appends base64url without padding (RFC 4648, 5). */
export function appendBase64(at: usize, size: u32, to: ByteBuffer): void {
  let bits: u32 = 0;
  let count: u32 = 0;
  for (let i: u32 = 0; i < size; i++) {
    bits = (bits << 8) | (<u32>load<u8>(at + i));
    count += 8;
    while (count >= 6) {
      count -= 6;
      to.byte(ALPHABET.charCodeAt((bits >> count) & 63));
    }
  }
  if (count > 0) to.byte(ALPHABET.charCodeAt((bits << (6 - count)) & 63));
}

/** @returns null where the text has a character of no meaning. */
export function decodeBase64(text: Slice): ArrayBuffer | null {
  const bytes = new ArrayBuffer(<i32>((<u64>text.size * 6) / 8));
  let to = changetype<usize>(bytes);
  let bits: u32 = 0;
  let count: u32 = 0;
  for (let i: u32 = 0; i < text.size; i++) {
    const value = valueOf(load<u8>(text.at + i));
    if (value > 63) return null;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      store<u8>(to++, bits >> count);
    }
  }
  return bytes;
}

function valueOf(character: u32): u32 {
  if (character - 0x41 < 26) return character - 0x41;
  if (character - 0x61 < 26) return character - 0x61 + 26;
  if (character - 0x30 < 10) return character - 0x30 + 52;
  if (character === 0x2d) return 62;
  return character === 0x5f ? 63 : 64;
}

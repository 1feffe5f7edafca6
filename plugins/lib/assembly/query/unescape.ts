import { ByteBuffer } from '../byte-buffer';
import { hexValue, simpleEscape } from './json-reader';

/**
 * Appends the characters of a JSON string as UTF-8. Its syntax has been checked. A surrogate
 * without its other half becomes U+FFFD.
 */
export function unescape(at: usize, size: u32, to: ByteBuffer): void {
  const end = at + size;
  let p = at;
  while (p < end) {
    const byte: u32 = load<u8>(p++);
    if (byte !== 0x5c) {
      to.byte(byte);
      continue;
    }
    const kind: u32 = load<u8>(p++);
    if (kind !== 0x75) {
      to.byte(simpleEscape(kind));
      continue;
    }
    let point = hex4(p);
    p += 4;
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 ? lowSurrogate(p, end) : 0;
      if (low === 0) {
        point = 0xfffd;
      } else {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        p += 6;
      }
    }
    appendPoint(point, to);
  }
}

function hex4(at: usize): u32 {
  let value: u32 = 0;
  for (let i: u32 = 0; i < 4; i++) value = (value << 4) | hexValue(load<u8>(at + i));
  return value;
}

/** The second half of a surrogate pair, if that is what comes next; otherwise 0. */
function lowSurrogate(at: usize, end: usize): u32 {
  if (at + 6 > end || load<u8>(at) !== 0x5c || load<u8>(at + 1) !== 0x75) return 0;
  const low = hex4(at + 2);
  return low >= 0xdc00 && low <= 0xdfff ? low : 0;
}

function appendPoint(point: u32, to: ByteBuffer): void {
  if (point < 0x80) {
    to.byte(point);
    return;
  }
  if (point < 0x800) {
    to.byte(0xc0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      to.byte(0xe0 | (point >> 12));
    } else {
      to.byte(0xf0 | (point >> 18));
      to.byte(0x80 | ((point >> 12) & 0x3f));
    }
    to.byte(0x80 | ((point >> 6) & 0x3f));
  }
  to.byte(0x80 | (point & 0x3f));
}

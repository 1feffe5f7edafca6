import { Http2Fault } from './http2-fault.ts';

/**
 * Bits of the code of each symbol, 0 to 255 and the end of a string, as digits of base 36: RFC
 * 7541, appendix B. That code is canonical: within one length codes ascend with the symbols, so
 * the lengths say it all.
 */
const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq' +
  'u';

const LONGEST = 30;
const END = 256;

/** Number of codes of each length. */
const COUNTS = new Uint16Array(LONGEST + 1);
/** In the order of their codes. */
const SYMBOLS = new Uint16Array(LENGTHS.length);

{
  const lengths = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36));
  let at = 0;
  for (let length = 1; length <= LONGEST; length += 1) {
    for (const [symbol, its] of lengths.entries()) {
      if (its !== length) continue;
      COUNTS[length] = (COUNTS[length] ?? 0) + 1;
      SYMBOLS[at] = symbol;
      at += 1;
    }
  }
}

/** What was encoded, as latin1. Throws Http2Fault for what no encoder makes. */
export function decodeHuffman(bytes: Buffer): string {
  let text = '';
  let length = 0;
  let code = 0;
  // The lowest code of this length, and where its symbol is.
  let first = 0;
  let index = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = (code << 1) | ((byte >> bit) & 1);
      first <<= 1;
      length += 1;
      const count = COUNTS[length] ?? 0;
      if (code - first < count) {
        const symbol = SYMBOLS[index + code - first] ?? END;
        if (symbol === END)
          throw new Http2Fault('COMPRESSION_ERROR', 'a string with its end in it');
        text += String.fromCharCode(symbol);
        length = code = first = index = 0;
      } else {
        index += count;
        first += count;
      }
    }
  }
  // The last byte is filled up with ones.
  if (length > 7 || code !== 2 ** length - 1) {
    throw new Http2Fault('COMPRESSION_ERROR', 'a string that ends within a symbol');
  }
  return text;
}

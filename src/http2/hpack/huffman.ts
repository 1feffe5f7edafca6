/**
 * Bits of the code of each symbol, 0 to 255 and the end of a string, as digits of base 36 (RFC
 * 7541, appendix B). The code is canonical: within one length codes ascend with the symbols, so
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

/**
 * The text of a Huffman-coded string, one character for each byte; undefined: it is none, as no
 * encoder makes it. Bit by bit, which is faster here than arithmetic on more of them at a time.
 */
export function huffmanDecode(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let length = 0;
  let code = 0;
  // The lowest code of this length, and where its symbol is.
  let first = 0;
  let index = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; bit >= 0; bit -= 1) {
      code = (code << 1) | ((byte >> bit) & 1);
      first <<= 1;
      length += 1;
      const count = COUNTS[length] ?? 0;
      if (code - first < count) {
        const symbol = SYMBOLS[index + code - first] ?? END;
        if (symbol === END) return undefined;
        text += String.fromCharCode(symbol);
        length = code = first = index = 0;
      } else {
        index += count;
        first += count;
      }
    }
  }
  // The last byte is filled up with ones, fewer than eight (RFC 7541, section 5.2).
  return length < 8 && code === 2 ** length - 1 ? text : undefined;
}

/** A JSON number's text, read as sign * 0.d1d2d3... * 10^exponent with d1 not 0. */
@final
class Decimal {
  negative: bool = false;
  zero: bool = false;
  exponent: i64 = 0;
  /** The digit d1; digits go on to `end`, with at most one point among them. */
  digits: usize = 0;
  end: usize = 0;

  read(at: usize, size: u32): void {
    const end = at + size;
    let p = at;
    this.negative = load<u8>(p) === 0x2d;
    if (this.negative) p += 1;
    this.zero = true;
    this.exponent = 0;
    let pointSeen = false;
    for (; p < end; p++) {
      const byte: u32 = load<u8>(p);
      if (byte === 0x2e) {
        pointSeen = true;
        continue;
      }
      if ((byte | 0x20) === 0x65) break;
      if (this.zero && byte !== 0x30) {
        this.zero = false;
        this.digits = p;
      }
      if (this.zero) this.exponent -= i64(pointSeen);
      else this.exponent += i64(!pointSeen);
    }
    this.end = p;
    if (p < end && !this.zero) this.exponent += readExponent(p + 1, end);
  }
}

function readExponent(at: usize, end: usize): i64 {
  let p = at;
  const sign: u32 = load<u8>(p);
  if (sign === 0x2b || sign === 0x2d) p += 1;
  let exponent: i64 = 0;
  // A number with more than 10^17 digits cannot be told from a larger one.
  for (; p < end && exponent < 100000000000000000; p++) exponent = exponent * 10 + load<u8>(p) - 48;
  return sign === 0x2d ? -exponent : exponent;
}

const left = new Decimal();
const right = new Decimal();

/**
 * Compares JSON numbers by their decimal digits: exactly, whatever their size, so that 2^53 and
 * 2^53 + 1 differ and 1, 1.0 and 10e-1 do not.
 */
export function compareDecimals(a: usize, aSize: u32, b: usize, bSize: u32): i32 {
  left.read(a, aSize);
  right.read(b, bSize);
  if (left.zero || right.zero) {
    if (left.zero && right.zero) return 0;
    if (left.zero) return right.negative ? 1 : -1;
    return left.negative ? -1 : 1;
  }
  if (left.negative !== right.negative) return left.negative ? -1 : 1;
  const magnitude = compareMagnitudes();
  return left.negative ? -magnitude : magnitude;
}

function compareMagnitudes(): i32 {
  if (left.exponent !== right.exponent) return left.exponent < right.exponent ? -1 : 1;
  let p = left.digits;
  let q = right.digits;
  while (p < left.end || q < right.end) {
    if (p < left.end && load<u8>(p) === 0x2e) p += 1;
    if (q < right.end && load<u8>(q) === 0x2e) q += 1;
    // The shorter one goes on with zeros.
    const a: u32 = p < left.end ? load<u8>(p) : 0x30;
    const b: u32 = q < right.end ? load<u8>(q) : 0x30;
    if (a !== b) return a < b ? -1 : 1;
    p += 1;
    q += 1;
  }
  return 0;
}

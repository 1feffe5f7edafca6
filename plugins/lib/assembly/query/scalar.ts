import { compareBytes } from '../slice';
import { compareDecimals } from './decimal';

/** What a JSON value is. Where values are sorted, they are in this order. */
export const enum Kind {
  Boolean,
  Number,
  String,
  /** From here on: nothing to sort by; these come last, as equals. */
  Null,
  /** An object or an array. */
  Composite,
  Missing,
}

/** The byte that a boolean points to. */
export const FALSE: usize = memory.data<u8>([0, 1]);
export const TRUE: usize = FALSE + 1;

/** A value to compare. The bytes are somebody else's. */
export class Scalar {
  kind: Kind = Kind.Missing;
  /** Of a string its characters as UTF-8, of a number its JSON text, of a boolean 0 or 1. */
  at: usize = 0;
  size: u32 = 0;

  set(kind: Kind, at: usize, size: u32): void {
    this.kind = kind;
    this.at = at;
    this.size = size;
  }
}

/** Compares two values of the same kind; composites do not compare. */
export function compareAlike(a: Scalar, b: Scalar): i32 {
  if (a.kind === Kind.Number) return compareDecimals(a.at, a.size, b.at, b.size);
  if (a.kind === Kind.String) return compareBytes(a.at, a.size, b.at, b.size);
  if (a.kind === Kind.Boolean) return <i32>load<u8>(a.at) - <i32>load<u8>(b.at);
  return 0;
}

/** Compares for sorting; what has nothing to sort by is last in either direction. */
export function compareSorted(a: Scalar, b: Scalar, descending: bool): i32 {
  const aLast = a.kind >= Kind.Null;
  const bLast = b.kind >= Kind.Null;
  if (aLast || bLast) return i32(aLast) - i32(bLast);
  const order = a.kind === b.kind ? compareAlike(a, b) : <i32>a.kind - <i32>b.kind;
  return descending ? -order : order;
}

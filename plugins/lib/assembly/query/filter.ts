import { Document } from './document';
import { Kind, Scalar, compareAlike } from './scalar';

export const enum Operator {
  Equal,
  NotEqual,
  Greater,
  GreaterOrEqual,
  Less,
  LessOrEqual,
  In,
  And,
  Or,
}

/** A value in a filter. */
@final
export class Operand extends Scalar {
  /** Holds the characters of a string that has escapes; others stay in the request. */
  unescaped: ArrayBuffer | null = null;
}

/** A condition on a document. */
@final
export class Filter {
  /** Of a comparison: the path's place in the document's findings. */
  slot: i32 = -1;
  /** Of a comparison: one value, of IN all of them. */
  operands: Array<Operand> = new Array<Operand>();
  /** Of AND and OR. */
  parts: Array<Filter> = new Array<Filter>();

  constructor(private operator: Operator) {}

  /**
   * Values of different kinds are not equal and have no order. NEQ holds exactly where EQ does
   * not, so also where the path leads nowhere.
   */
  matches(document: Document): bool {
    if (this.operator === Operator.And) return !this.anyPart(document, false);
    if (this.operator === Operator.Or) return this.anyPart(document, true);
    const value = document.at(this.slot);
    if (this.operator === Operator.In) {
      for (let i = 0; i < this.operands.length; i++) {
        if (isEqual(value, unchecked(this.operands[i]))) return true;
      }
      return false;
    }
    const operand = unchecked(this.operands[0]);
    if (this.operator === Operator.Equal) return isEqual(value, operand);
    if (this.operator === Operator.NotEqual) return !isEqual(value, operand);
    if (value.kind !== operand.kind) return false;
    const order = compareAlike(value, operand);
    if (this.operator === Operator.Greater) return order > 0;
    if (this.operator === Operator.GreaterOrEqual) return order >= 0;
    if (this.operator === Operator.Less) return order < 0;
    return order <= 0;
  }

  private anyPart(document: Document, outcome: bool): bool {
    for (let i = 0; i < this.parts.length; i++) {
      if (unchecked(this.parts[i]).matches(document) === outcome) return true;
    }
    return false;
  }
}

function isEqual(value: Scalar, operand: Scalar): bool {
  return value.kind === operand.kind && compareAlike(value, operand) === 0;
}

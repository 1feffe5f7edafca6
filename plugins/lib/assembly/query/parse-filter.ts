import { ByteBuffer } from '../byte-buffer';
import { Failure, invalidArgument } from '../failure';
import { Slice } from '../slice';
import { Document } from './document';
import { Filter, Operand, Operator } from './filter';
import { JsonReader } from './json-reader';
import { BAD_PATH, Paths } from './paths';
import { FALSE, Kind, TRUE } from './scalar';
import { unescape } from './unescape';

const NO_OPERATOR = -1;

/**
 * Reads a filter as daprd sends it: an operator's name and its operand as JSON. A mistake raises
 * `failure` with its place, such as `filter.AND[1].GT`.
 */
@final
export class FilterParser {
  private reader: JsonReader = new JsonReader();
  private place: ByteBuffer = new ByteBuffer();
  private scratch: ByteBuffer = new ByteBuffer();
  private name: Slice = new Slice();
  private text: Slice = new Slice();

  constructor(private paths: Paths) {}

  /** @returns null where there is a mistake. */
  parse(operator: Slice, operand: Slice): Filter | null {
    this.place.text('filter');
    this.name.set(operator.at, operator.size);
    const syntax = new Document(new Paths());
    if (!syntax.read(operand.at, operand.size)) {
      this.enterMember(operator);
      this.mistake('is not JSON text in UTF-8 (see byte ').number(syntax.offset).text(')');
      syntax.release();
      return null;
    }
    syntax.release();
    this.reader.open(operand.at, operand.size);
    return this.condition();
  }

  release(): void {
    this.place.release();
    this.scratch.release();
  }

  /** The condition whose operator has been read to `name`. The text is known to be JSON. */
  private condition(): Filter | null {
    const operator = operatorOf(this.name);
    const outer = this.enterMember(this.name);
    if (operator === NO_OPERATOR) {
      this.mistake('is no operator: there are EQ, NEQ, GT, GTE, LT, LTE, IN, AND and OR');
      return null;
    }
    const filter = new Filter(<Operator>operator);
    const isList = operator === Operator.And || operator === Operator.Or;
    if (!(isList ? this.list(filter) : this.comparison(filter, operator === Operator.In))) {
      return null;
    }
    this.place.size = outer;
    return filter;
  }

  private list(filter: Filter): bool {
    const reader = this.reader;
    if (!reader.take(0x5b)) return this.wrong('must be an array of conditions');
    while (!reader.take(0x5d)) {
      if (filter.parts.length > 0) reader.expect(0x2c);
      const outer = this.enterElement(filter.parts.length);
      if (!reader.take(0x7b) || reader.take(0x7d)) {
        return this.wrong('must be an object with one operator');
      }
      reader.peek();
      this.memberName();
      const part = this.condition();
      if (part === null) return false;
      if (!reader.take(0x7d)) return this.wrong('must have one operator only');
      filter.parts.push(part);
      this.place.size = outer;
    }
    return filter.parts.length > 1 || this.wrong('must have at least two conditions');
  }

  private comparison(filter: Filter, several: bool): bool {
    const reader = this.reader;
    if (!reader.take(0x7b) || reader.take(0x7d)) {
      return this.wrong('must be an object with one path and what to compare with');
    }
    reader.peek();
    this.memberName();
    const outer = this.enterMember(this.name);
    filter.slot = this.paths.slotFor(this.keptName());
    if (filter.slot < 0) return this.wrong(BAD_PATH);
    if (several) {
      if (!reader.take(0x5b)) return this.wrong('must be an array');
      if (reader.take(0x5d)) return this.wrong('must not be empty');
      do {
        const element = this.enterElement(filter.operands.length);
        if (!this.operand(filter)) return false;
        this.place.size = element;
      } while (reader.take(0x2c));
      reader.expect(0x5d);
    } else if (!this.operand(filter)) {
      return false;
    }
    this.place.size = outer;
    return reader.take(0x7d) || this.wrong('must have one path only');
  }

  private operand(filter: Filter): bool {
    const reader = this.reader;
    const operand = new Operand();
    filter.operands.push(operand);
    const first = reader.peek();
    const at = reader.position;
    if (first === 0x22) {
      reader.string(this.text);
      if (reader.escaped) {
        const kept = this.unescaped(this.text);
        operand.unescaped = kept;
        this.text.set(changetype<usize>(kept), kept.byteLength);
      }
      operand.set(Kind.String, this.text.at, this.text.size);
    } else if (first === 0x74 || first === 0x66) {
      reader.literal(first === 0x74 ? 'true' : 'false');
      operand.set(Kind.Boolean, first === 0x74 ? TRUE : FALSE, 1);
    } else if (first === 0x6e) {
      reader.literal('null');
      operand.set(Kind.Null, 0, 0);
    } else if (first === 0x7b || first === 0x5b) {
      return this.wrong('must be a string, a number, true, false or null');
    } else {
      reader.number();
      operand.set(Kind.Number, at, <u32>(reader.position - at));
    }
    return true;
  }

  /** Reads a member's name, unescaped, and the colon after it. */
  private memberName(): void {
    this.reader.string(this.name);
    if (this.reader.escaped) {
      this.scratch.reset(0x10000);
      unescape(this.name.at, this.name.size, this.scratch);
      this.name.set(this.scratch.start, this.scratch.size);
    }
    this.reader.expect(0x3a);
  }

  /** The name where it stays for the whole call: paths point to it. */
  private keptName(): Slice {
    const kept = new Slice();
    kept.set(this.name.at, this.name.size);
    if (this.name.at === this.scratch.start && this.name.size > 0) {
      const copy = new ArrayBuffer(this.name.size);
      memory.copy(changetype<usize>(copy), this.name.at, this.name.size);
      kept.at = changetype<usize>(copy);
    }
    return kept;
  }

  private unescaped(text: Slice): ArrayBuffer {
    this.scratch.reset(0x10000);
    unescape(text.at, text.size, this.scratch);
    const kept = new ArrayBuffer(this.scratch.size);
    memory.copy(changetype<usize>(kept), this.scratch.start, this.scratch.size);
    return kept;
  }

  private enterMember(name: Slice): u32 {
    const outer = this.place.size;
    this.place.byte(0x2e);
    this.place.bytes(name.at, name.size);
    return outer;
  }

  private enterElement(index: i32): u32 {
    const outer = this.place.size;
    this.place.byte(0x5b);
    this.place.decimal(index);
    this.place.byte(0x5d);
    return outer;
  }

  private mistake(message: string): Failure {
    this.text.set(this.place.start, this.place.size);
    return invalidArgument('').utf8(this.text).text(' ').text(message);
  }

  private wrong(message: string): bool {
    this.mistake(message);
    return false;
  }
}

function operatorOf(name: Slice): i32 {
  if (name.isText('EQ')) return Operator.Equal;
  if (name.isText('NEQ')) return Operator.NotEqual;
  if (name.isText('GT')) return Operator.Greater;
  if (name.isText('GTE')) return Operator.GreaterOrEqual;
  if (name.isText('LT')) return Operator.Less;
  if (name.isText('LTE')) return Operator.LessOrEqual;
  if (name.isText('IN')) return Operator.In;
  if (name.isText('AND')) return Operator.And;
  if (name.isText('OR')) return Operator.Or;
  return NO_OPERATOR;
}

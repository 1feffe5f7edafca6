import { ByteBuffer } from '../byte-buffer';
import { Slice } from '../slice';
import { isUtf8 } from '../utf8';
import { JsonReader, MAX_DEPTH } from './json-reader';
import { PathNode, Paths } from './paths';
import { FALSE, Kind, Scalar, TRUE } from './scalar';
import { unescape } from './unescape';

/** What one path leads to in the current document. */
@final
class Found extends Scalar {
  /** Holds the characters of a string that has escapes. */
  unescaped: ByteBuffer = new ByteBuffer();
}

/** Reads JSON documents, each once, and keeps what a query's paths lead to. */
@final
export class Document {
  private reader: JsonReader = new JsonReader();
  private found: Array<Found> = new Array<Found>();
  private name: Slice = new Slice();
  private unescapedName: ByteBuffer = new ByteBuffer();

  constructor(private paths: Paths) {
    for (let i = 0; i < paths.count; i++) this.found.push(new Found());
  }

  /** @returns whether the bytes are one JSON value; if not, every path is missing. */
  read(at: usize, size: u32): bool {
    this.clear(this.paths.root);
    const reader = this.reader;
    reader.open(at, size);
    if (isUtf8(at, size)) {
      this.value(this.paths.root, 1);
      if (!reader.failed && reader.peek() === 0 && reader.offset === size) return true;
    }
    this.clear(this.paths.root);
    return false;
  }

  /** Where the last document stopped being JSON. */
  get offset(): u32 {
    return this.reader.offset;
  }

  at(slot: i32): Scalar {
    return unchecked(this.found[slot]);
  }

  release(): void {
    for (let i = 0; i < this.found.length; i++) this.found[i].unescaped.release();
    this.unescapedName.release();
  }

  private clear(node: PathNode): void {
    if (node.slot >= 0) unchecked(this.found[node.slot]).kind = Kind.Missing;
    for (let i = 0; i < node.children.length; i++) this.clear(unchecked(node.children[i]));
  }

  private value(node: PathNode | null, depth: i32): void {
    const reader = this.reader;
    const slot = node === null ? -1 : node.slot;
    switch (reader.peek()) {
      case 0x7b: {
        this.keep(slot, Kind.Composite, 0, 0);
        this.object(node, depth);
        return;
      }
      case 0x5b: {
        this.keep(slot, Kind.Composite, 0, 0);
        this.array(node, depth);
        return;
      }
      case 0x22: {
        reader.string(this.name);
        this.keepString(slot);
        return;
      }
      case 0x74: {
        reader.literal('true');
        this.keep(slot, Kind.Boolean, TRUE, 1);
        return;
      }
      case 0x66: {
        reader.literal('false');
        this.keep(slot, Kind.Boolean, FALSE, 1);
        return;
      }
      case 0x6e: {
        reader.literal('null');
        this.keep(slot, Kind.Null, 0, 0);
        return;
      }
      default: {
        const at = reader.position;
        reader.number();
        this.keep(slot, Kind.Number, at, <u32>(reader.position - at));
      }
    }
  }

  private object(node: PathNode | null, depth: i32): void {
    const reader = this.reader;
    reader.expect(0x7b);
    if (depth > MAX_DEPTH) reader.failed = true;
    if (reader.take(0x7d)) return;
    while (!reader.failed) {
      reader.peek();
      reader.string(this.name);
      let member: PathNode | null = null;
      if (node !== null && !reader.failed) member = this.member(node);
      // Of members with the same name the last counts.
      if (member !== null) this.clear(member);
      reader.expect(0x3a);
      if (reader.failed) return;
      this.value(member, depth + 1);
      if (reader.failed || reader.take(0x7d)) return;
      reader.expect(0x2c);
    }
  }

  private array(node: PathNode | null, depth: i32): void {
    const reader = this.reader;
    reader.expect(0x5b);
    if (depth > MAX_DEPTH) reader.failed = true;
    if (reader.take(0x5d)) return;
    for (let i = 0; !reader.failed; i++) {
      this.value(node === null ? null : node.elementAt(i), depth + 1);
      if (reader.failed || reader.take(0x5d)) return;
      reader.expect(0x2c);
    }
  }

  /** The step that the name just read is, if any. */
  private member(node: PathNode): PathNode | null {
    if (!this.reader.escaped) return node.member(this.name.at, this.name.size);
    const name = this.unescapedName;
    name.reset(0x10000);
    unescape(this.name.at, this.name.size, name);
    return node.member(name.start, name.size);
  }

  private keep(slot: i32, kind: Kind, at: usize, size: u32): void {
    if (slot >= 0) unchecked(this.found[slot]).set(kind, at, size);
  }

  private keepString(slot: i32): void {
    if (slot < 0 || this.reader.failed) return;
    const found = unchecked(this.found[slot]);
    if (!this.reader.escaped) {
      found.set(Kind.String, this.name.at, this.name.size);
      return;
    }
    const text = found.unescaped;
    text.reset(0x10000);
    unescape(this.name.at, this.name.size, text);
    found.set(Kind.String, text.start, text.size);
  }
}

import { ByteBuffer } from '../byte-buffer';
import { canAllocate } from '../memory/allocator';
import { noteLack } from '../memory/lack';
import { Slice } from '../slice';
import { Entry } from '../store/entry';
import { Position } from './position';
import { SortKey } from './query';

/** A match with a copy of all that an answer needs. */
@final
export class Row {
  position: Position;
  data: Slice = new Slice();
  contentType: Slice = new Slice();
  version: u64 = 0;
  private bytes: ByteBuffer = new ByteBuffer();

  constructor(values: i32) {
    this.position = new Position(values);
  }

  /** Copies an entry and its position, in place of what the row held. */
  copy(entry: Entry, position: Position): void {
    const bytes = this.bytes;
    bytes.reset(0x10000);
    let size = entry.key.size + entry.data.size + entry.contentType.size;
    for (let i = 0; i < position.values.length; i++) size += position.values[i].size;
    if (!bytes.hasRoom(size)) return;
    this.keep(entry.key, this.position.key);
    this.keep(entry.data, this.data);
    this.keep(entry.contentType, this.contentType);
    for (let i = 0; i < position.values.length; i++) {
      const value = position.values[i];
      this.position.values[i].set(value.kind, bytes.start + bytes.size, value.size);
      bytes.bytes(value.at, value.size);
    }
    this.version = entry.version;
  }

  release(): void {
    this.bytes.release();
  }

  private keep(from: Slice, to: Slice): void {
    to.set(this.bytes.start + this.bytes.size, from.size);
    this.bytes.bytes(from.at, from.size);
  }
}

/**
 * The first rows in order of all that are offered: a binary heap with the last of them on top, so
 * that memory is bounded by the limit and not by the number of matches.
 */
@final
export class Rows {
  private heap: Array<Row> = new Array<Row>();

  /** @param limit rows to keep; 0: all. */
  constructor(
    private sort: Array<SortKey>,
    private limit: u32,
  ) {}

  get count(): i32 {
    return this.heap.length;
  }

  offer(entry: Entry, position: Position): void {
    if (this.limit === 0 || <u32>this.heap.length < this.limit) {
      if (!canAllocate(<usize>(256 + 64 * position.values.length + 16 * this.heap.length))) {
        noteLack();
        return;
      }
      const row = new Row(position.values.length);
      // Before the copy, which may take the room that was just found.
      this.heap.push(row);
      row.copy(entry, position);
      this.rise(this.heap.length - 1);
      return;
    }
    const last = unchecked(this.heap[0]);
    if (position.compare(last.position, this.sort) >= 0) return;
    last.copy(entry, position);
    this.sink(this.heap.length);
  }

  /** The rows in order. Nothing can be offered any more. */
  ordered(): Array<Row> {
    for (let end = this.heap.length - 1; end > 0; end--) {
      this.swap(0, end);
      this.sink(end);
    }
    return this.heap;
  }

  release(): void {
    for (let i = 0; i < this.heap.length; i++) this.heap[i].release();
  }

  private isAfter(a: i32, b: i32): bool {
    return (
      unchecked(this.heap[a]).position.compare(unchecked(this.heap[b]).position, this.sort) > 0
    );
  }

  private rise(from: i32): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!this.isAfter(place, above)) return;
      this.swap(place, above);
      place = above;
    }
  }

  private sink(end: i32): void {
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= end) return;
      if (below + 1 < end && this.isAfter(below + 1, below)) below += 1;
      if (!this.isAfter(below, place)) return;
      this.swap(place, below);
      place = below;
    }
  }

  private swap(a: i32, b: i32): void {
    const row = unchecked(this.heap[a]);
    unchecked((this.heap[a] = this.heap[b]));
    unchecked((this.heap[b] = row));
  }
}

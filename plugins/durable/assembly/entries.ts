import { noteGarbage } from '../../lib/assembly/garbage';
import { canAllocate } from '../../lib/assembly/memory/allocator';
import { noteLack } from '../../lib/assembly/memory/lack';
import { Slice } from '../../lib/assembly/slice';
import { Entry } from '../../lib/assembly/store/entry';
import { Reader } from '../../lib/assembly/wire/reader';
import { readEnvelope } from './envelope';

/** Objects kept for the next call. */
const KEPT = 256;
/** Bytes of an entry with its slices, rounded up. */
const ENTRY_SIZE: usize = 256;

const value = new Slice();

/** The answers of one get, in order. */
@final
export class Entries {
  count: i32 = 0;
  private pool: Array<Entry> = new Array<Entry>();
  private unused: Entry = new Entry();

  at(index: i32): Entry {
    return unchecked(this.pool[index]);
  }

  /** A further entry; one that counts nowhere where memory is lacking. */
  add(): Entry {
    if (this.count === this.pool.length) {
      if (!canAllocate(ENTRY_SIZE + <usize>this.pool.length * 16)) {
        noteLack();
        return this.unused;
      }
      this.pool.push(new Entry());
      noteGarbage();
    }
    return unchecked(this.pool[this.count++]);
  }

  reset(): void {
    this.count = 0;
    if (this.pool.length > KEPT) {
      this.pool = new Array<Entry>();
      noteGarbage();
    }
  }
}

/** Reads the Entry message that comes next; `key` is the one that was asked for. */
export function readEntry(reader: Reader, key: Slice, into: Entry): bool {
  into.found = false;
  into.key.set(key.at, key.size);
  into.version = 0;
  into.expiresAt = 0;
  value.clear();
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x08) into.found = reader.varint() !== 0;
    else if (reader.tag === 0x12) reader.bytes(value);
    else if (reader.tag === 0x18) into.version = reader.varint();
    else if (reader.tag === 0x20) into.expiresAt = <i64>reader.varint();
    else reader.skip();
  }
  reader.leave(end);
  return reader.failed || !into.found || readEnvelope(value, into);
}

/** Reads the KeyEntry message that comes next. */
export function readKeyEntry(reader: Reader, into: Entry): bool {
  into.found = true;
  into.key.clear();
  into.version = 0;
  into.expiresAt = 0;
  value.clear();
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x0a) reader.bytes(into.key);
    else if (reader.tag === 0x12) reader.bytes(value);
    else if (reader.tag === 0x18) into.version = reader.varint();
    else if (reader.tag === 0x20) into.expiresAt = <i64>reader.varint();
    else reader.skip();
  }
  reader.leave(end);
  return reader.failed || readEnvelope(value, into);
}

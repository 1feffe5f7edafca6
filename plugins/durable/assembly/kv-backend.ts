import { failure } from '../../lib/assembly/failure';
import { lacksMemory } from '../../lib/assembly/memory/lack';
import { Slice } from '../../lib/assembly/slice';
import { Backend } from '../../lib/assembly/store/backend';
import { Entry } from '../../lib/assembly/store/entry';
import { Keys } from '../../lib/assembly/store/keys';
import { Check, Operation, Operations } from '../../lib/assembly/store/operation';
import { Writer, varintSize } from '../../lib/assembly/wire/writer';
import { Entries, readEntry } from './entries';
import { envelopeSize, writeEnvelope } from './envelope';
import * as kv from './kv';
import { Reply } from './reply';
import { Scan } from './scan';

/** Bytes that the request buffer keeps between calls. */
const KEPT: u32 = 0x40000;

/** Entries in the host's key-value store. A method is one host call; a scan one for each page. */
export class KvBackend extends Backend {
  private request: Writer = new Writer();
  private reply: Reply = new Reply();
  private entries: Entries = new Entries();
  private scanning: Scan = new Scan();
  private limitsKnown: bool = false;
  private commitOperations: u64 = 0;
  private commitSize: u64 = 0;

  get(keys: Keys): bool {
    const request = this.request;
    request.reset(KEPT);
    for (let i = 0; i < keys.count; i++) request.sliceField(0x0a, keys.at(i));
    if (request.lost) return false;
    this.reply.open(kv.get(request.start, request.size));
    const reader = this.reply.reader;
    const entries = this.entries;
    entries.reset();
    while (!failure.raised && !lacksMemory() && reader.next()) {
      if (reader.tag === 0x0a && entries.count < keys.count) {
        readEntry(reader, keys.at(entries.count), entries.add());
      } else if (reader.tag === 0x12) {
        this.reply.error();
      } else {
        reader.skip();
      }
    }
    if (!this.reply.isWhole()) return false;
    if (lacksMemory()) return false;
    if (entries.count === keys.count) return true;
    failure.raise('INTERNAL', '', 'the host answered for fewer keys than it was asked for');
    return false;
  }

  entry(index: i32): Entry {
    return this.entries.at(index);
  }

  commit(operations: Operations, from: i32, to: i32): i32 {
    const request = this.request;
    request.reset(KEPT);
    for (let i = from; i < to; i++) {
      const operation = operations.at(i);
      if (operation.check !== Check.None) writeCheck(operation, request);
    }
    for (let i = from; i < to; i++) writeWrite(operations.at(i), request);
    if (request.lost) return -2;
    this.reply.open(kv.commit(request.start, request.size));
    const reader = this.reply.reader;
    let failedCheck = -1;
    while (!failure.raised && reader.next()) {
      if (reader.tag === 0x12) failedCheck = this.failedCheck();
      else if (reader.tag === 0x1a) this.reply.error();
      else reader.skip();
    }
    const good = this.reply.isWhole();
    this.reply.release();
    if (!good) return -2;
    return failedCheck < 0 ? -1 : checkedBy(operations, from, to, failedCheck);
  }

  maxOperations(): u64 {
    this.readLimits();
    return this.commitOperations;
  }

  maxBytes(): u64 {
    this.readLimits();
    return this.commitSize;
  }

  bytesOf(operations: Operations, index: i32): u64 {
    const operation = operations.at(index);
    const key = <u64>operation.key.size;
    if (operation.remove) return 2 * key;
    return 2 * key + envelopeSize(operation);
  }

  scan(start: Slice, hint: u32): void {
    this.scanning.open(start, hint);
  }

  next(): Entry | null {
    return this.scanning.next();
  }

  release(): void {
    this.entries.reset();
    this.reply.release();
    this.scanning.release();
  }

  /** The index in the FailedCheck message that comes next. */
  private failedCheck(): i32 {
    const reader = this.reply.reader;
    let index = 0;
    const end = reader.enter();
    while (reader.next()) {
      if (reader.tag === 0x08) index = <i32>reader.varint();
      else reader.skip();
    }
    reader.leave(end);
    return index;
  }

  /** The limits never change while this instance lives. */
  private readLimits(): void {
    if (this.limitsKnown) return;
    this.reply.open(kv.limits(0, 0));
    const reader = this.reply.reader;
    while (reader.next()) {
      if (reader.tag === 0x18) this.commitOperations = reader.varint();
      else if (reader.tag === 0x20) this.commitSize = reader.varint();
      else reader.skip();
    }
    this.limitsKnown = this.reply.isWhole();
    this.reply.release();
  }
}

function writeCheck(operation: Operation, to: Writer): void {
  const mark = to.begin(0x0a);
  to.sliceField(0x0a, operation.key);
  if (operation.check === Check.Version) to.varintField(0x10, operation.version);
  else to.varintField(0x18, 1);
  to.end(mark);
}

/** Sizes are worked out first, so that a large value is copied once. */
function writeWrite(operation: Operation, to: Writer): void {
  const key = operation.key;
  const keyField = 1 + varintSize(key.size) + key.size;
  if (operation.remove) {
    to.varintField(0x12, keyField + 2);
    to.sliceField(0x0a, key);
    to.byte(0x1a);
    to.byte(0);
    return;
  }
  const value = envelopeSize(operation);
  let put = 1 + varintSize(value) + value;
  if (operation.ttl !== 0) put += 1 + varintSize(operation.ttl);
  to.varintField(0x12, keyField + 1 + varintSize(put) + put);
  to.sliceField(0x0a, key);
  to.varintField(0x12, put);
  to.varintField(0x0a, value);
  writeEnvelope(operation, to);
  if (operation.ttl !== 0) to.varintField(0x10, operation.ttl);
}

/** The operation that made the commit's check number `check`. */
function checkedBy(operations: Operations, from: i32, to: i32, check: i32): i32 {
  let before = check;
  for (let i = from; i < to; i++) {
    if (operations.at(i).check === Check.None) continue;
    if (before === 0) return i;
    before -= 1;
  }
  failure.raise('INTERNAL', '', 'the host named a check that was not made');
  return -2;
}

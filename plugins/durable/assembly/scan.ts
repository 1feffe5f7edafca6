import { failure } from '../../lib/assembly/failure';
import { Slice } from '../../lib/assembly/slice';
import { Entry } from '../../lib/assembly/store/entry';
import { Writer } from '../../lib/assembly/wire/writer';
import { readKeyEntry } from './entries';
import { scan } from './kv';
import { Reply } from './reply';

/** Bytes that the request buffer keeps between calls. */
const KEPT: u32 = 0x10000;

/** Reads a keyspace page by page; one page is held at a time. */
@final
export class Scan {
  private reply: Reply = new Reply();
  private request: Writer = new Writer();
  private shown: Entry = new Entry();
  private start: Slice = new Slice();
  private cursor: Slice = new Slice();
  private hint: u32 = 0;

  /** `start` has to stay where it is until the scan ends. */
  open(start: Slice, hint: u32): void {
    this.start.set(start.at, start.size);
    this.hint = hint;
    this.cursor.clear();
    this.fetch();
  }

  /** The next entry, or null at the end and where `failure` is raised. */
  next(): Entry | null {
    const reader = this.reply.reader;
    while (!failure.raised) {
      if (!reader.next()) {
        if (!this.reply.isWhole() || this.cursor.size === 0) return null;
        this.fetch();
      } else if (reader.tag === 0x0a) {
        if (!readKeyEntry(reader, this.shown) || reader.failed) continue;
        return this.shown;
      } else if (reader.tag === 0x12) {
        reader.bytes(this.cursor);
      } else if (reader.tag === 0x1a) {
        this.reply.error();
      } else {
        reader.skip();
      }
    }
    return null;
  }

  release(): void {
    this.reply.release();
    this.cursor.clear();
  }

  /** Asks for the page after the current one, or the first. */
  private fetch(): void {
    const request = this.request;
    request.reset(KEPT);
    if (this.start.size > 0) request.sliceField(0x12, this.start);
    if (this.hint !== 0) request.varintField(0x20, this.hint);
    if (this.cursor.size > 0) request.sliceField(0x2a, this.cursor);
    const whole = !request.lost;
    this.cursor.clear();
    this.reply.release();
    if (whole) this.reply.open(scan(request.start, request.size));
  }
}

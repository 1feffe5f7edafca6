import { failure } from '../../lib/assembly/failure';
import { release } from '../../lib/assembly/memory/allocator';
import { Slice } from '../../lib/assembly/slice';
import { Reader } from '../../lib/assembly/wire/reader';

/** Bytes of an engine's message that are passed on. */
const MESSAGE_LIMIT = 2000;

/** A reply of the host: this guest's memory until it is released. */
@final
export class Reply {
  reader: Reader = new Reader();
  private at: usize = 0;
  private code: u32 = 0;
  private message: Slice = new Slice();

  /** Takes what a host function returned, in place of an earlier reply. */
  open(result: u64): void {
    this.release();
    this.at = <usize>(result >> 32);
    this.reader.open(this.at, <u32>result);
  }

  release(): void {
    release(this.at);
    this.at = 0;
    this.reader.open(0, 0);
  }

  /** Raises `failure` for the reply's error field, which comes next. */
  error(): void {
    const reader = this.reader;
    this.code = 0;
    this.message.clear();
    const end = reader.enter();
    while (reader.next()) {
      if (reader.tag === 0x08) this.code = <u32>reader.varint();
      else if (reader.tag === 0x12) reader.bytes(this.message);
      else reader.skip();
    }
    reader.leave(end);
    failure.raise(statusOf(this.code), '', '').utf8(this.message, MESSAGE_LIMIT);
  }

  /** Whether the reply was read without a mistake; otherwise `failure` is raised. */
  isWhole(): bool {
    if (this.reader.failed) failure.raise('INTERNAL', '', 'the host sent a malformed reply');
    return !failure.raised;
  }
}

/** The gRPC status for an ErrorCode of kv.proto. */
function statusOf(code: u32): string {
  switch (code) {
    case 1:
      return 'INVALID_ARGUMENT';
    case 2:
      return 'RESOURCE_EXHAUSTED';
    case 3:
    // Whether a commit happened is unknown; the message says so.
    case 5:
      return 'UNAVAILABLE';
    case 4:
      return 'DEADLINE_EXCEEDED';
    default:
      return 'INTERNAL';
  }
}

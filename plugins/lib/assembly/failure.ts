import { ByteBuffer } from './byte-buffer';
import { Slice } from './slice';

/** What a guest's error says, for the host to turn into a gRPC status. */
@final
export class Failure {
  raised: bool = false;
  private code: string = '';
  private reason: string = '';
  private message: ByteBuffer = new ByteBuffer();

  /** Starts the message with an ASCII text; later parts follow with the methods below. */
  raise(code: string, reason: string, message: string): Failure {
    this.raised = true;
    this.code = code;
    this.reason = reason;
    this.message.reset(0x10000);
    this.message.text(message);
    return this;
  }

  text(text: string): Failure {
    this.message.text(text);
    return this;
  }

  number(value: u64): Failure {
    this.message.decimal(value);
    return this;
  }

  /** UTF-8 text, cut where it has more than `limit` bytes. */
  utf8(text: Slice, limit: u32 = 120): Failure {
    let size = text.size;
    if (size > limit) {
      size = limit;
      // Not in the middle of a character.
      while (size > 0 && (load<u8>(text.at + size) & 0xc0) === 0x80) size -= 1;
    }
    this.message.bytes(text.at, size);
    if (size < text.size) this.message.text('...');
    return this;
  }

  key(key: Slice): Failure {
    return this.text(' "').utf8(key).text('"');
  }

  clear(): void {
    this.raised = false;
  }

  /** Writes the error payload: one JSON object. */
  write(to: ByteBuffer): void {
    to.text('{"code":"');
    to.text(this.code);
    if (this.reason.length > 0) {
      to.text('","reason":"');
      to.text(this.reason);
    }
    to.text('","message":"');
    for (let i: u32 = 0; i < this.message.size; i++) escape(load<u8>(this.message.start + i), to);
    to.text('"}');
  }
}

function escape(byte: u32, to: ByteBuffer): void {
  if (byte === 0x22 || byte === 0x5c) {
    to.byte(0x5c);
  } else if (byte < 0x20) {
    to.text('\\u00');
    to.byte(byte < 0x10 ? 0x30 : 0x31);
    const low = byte & 0xf;
    to.byte(low < 10 ? 0x30 + low : 0x57 + low);
    return;
  }
  to.byte(byte);
}

/** Of the current call: raised by whoever finds it, answered at the end of the call. */
export const failure = new Failure();

export function invalidArgument(message: string): Failure {
  return failure.raise('INVALID_ARGUMENT', '', message);
}

/** The stored version is not the one that the caller saw. */
export function etagMismatch(message: string): Failure {
  return failure.raise('FAILED_PRECONDITION', 'ETAG_MISMATCH', message);
}

/** An etag that no answer of this store can have held. */
export function etagInvalid(message: string): Failure {
  return failure.raise('INVALID_ARGUMENT', 'ETAG_INVALID', message);
}

import { broken, ERROR, Http2Fault } from './errors.ts';
import { FLAG, FRAME, LARGEST_STREAM } from './frames.ts';

/** Bytes of a priority (RFC 9113, section 6.3). */
const PRIORITY = 5;

/**
 * Throws an Http2Fault for a frame that is on no stream where it needs one, on one where it needs
 * none, or of a size that its type does not have (RFC 9113, section 6). Types that are unknown are
 * let through, as later versions may bring them.
 */
export function requireForm(type: number, flags: number, stream: number, payload: Buffer): void {
  switch (type) {
    case FRAME.DATA:
    case FRAME.HEADERS:
    case FRAME.CONTINUATION:
      return requireStream(stream);
    case FRAME.PRIORITY:
      requireStream(stream);
      requireSize(payload.length === PRIORITY);
      return requireOther(stream, payload);
    case FRAME.RST_STREAM:
      requireStream(stream);
      return requireSize(payload.length === 4);
    case FRAME.SETTINGS:
      requireNoStream(stream);
      return requireSize(
        (flags & FLAG.ACK) === 0 ? payload.length % 6 === 0 : payload.length === 0,
      );
    case FRAME.PUSH_PROMISE:
      // From a client there is none, and ours refuses them (SETTINGS_ENABLE_PUSH 0).
      throw broken('a push');
    case FRAME.PING:
      requireNoStream(stream);
      return requireSize(payload.length === 8);
    case FRAME.GOAWAY:
      requireNoStream(stream);
      return requireSize(payload.length >= 8);
    case FRAME.WINDOW_UPDATE:
      return requireSize(payload.length === 4);
  }
}

/** The content of a DATA or HEADERS frame without its padding (RFC 9113, section 6.1). */
export function unpadded(flags: number, payload: Buffer): Buffer {
  if ((flags & FLAG.PADDED) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined) throw sizeError();
  if (padding >= payload.length) throw broken('padding that is longer than its frame');
  return payload.subarray(1, payload.length - padding);
}

/** What a HEADERS frame has of its header block, without padding and priority (section 6.2). */
export function fragment(flags: number, stream: number, payload: Buffer): Buffer {
  const content = unpadded(flags, payload);
  if ((flags & FLAG.PRIORITY) === 0) return content;
  requireSize(content.length >= PRIORITY);
  requireOther(stream, content);
  return content.subarray(PRIORITY);
}

function requireSize(isRight: boolean): void {
  if (!isRight) throw sizeError();
}

function sizeError(): Http2Fault {
  return new Http2Fault(ERROR.FRAME_SIZE_ERROR, 'a frame whose size is outside what its type has');
}

function requireStream(stream: number): void {
  if (stream === 0) throw broken('a frame that needs a stream');
}

function requireNoStream(stream: number): void {
  if (stream !== 0) throw broken('a frame that is for the whole connection');
}

/** Priorities are not heeded (RFC 9113, section 5.3), but must make sense. */
function requireOther(stream: number, priority: Buffer): void {
  if ((priority.readUInt32BE(0) & LARGEST_STREAM) === stream) {
    throw broken('a stream that depends on itself');
  }
}

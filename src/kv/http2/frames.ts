import { Http2Fault } from './http2-fault.ts';

/** RFC 9113, section 6. */
export const FrameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const Flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

export const Setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxHeaderListSize: 6,
} as const;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Bytes of every frame before its payload. */
export const FRAME_HEADER = 9;

/** Bytes of a payload that every end takes; none here asks for more. */
export const LARGEST_PAYLOAD = 16_384;

/** The most that a window holds, and the last number of a stream. */
export const LARGEST_31_BITS = 2 ** 31 - 1;

const NOTHING: Buffer = Buffer.alloc(0);

/** Writes a frame's header at `offset`. */
export function writeFrameHeader(
  into: Buffer,
  offset: number,
  type: number,
  flags: number,
  stream: number,
  length: number,
): void {
  into[offset] = length >> 16;
  into[offset + 1] = length >> 8;
  into[offset + 2] = length;
  into[offset + 3] = type;
  into[offset + 4] = flags;
  into.writeUInt32BE(stream, offset + 5);
}

export function frame(type: number, flags: number, stream: number, payload = NOTHING): Buffer {
  const whole = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  writeFrameHeader(whole, 0, type, flags, stream, payload.length);
  whole.set(payload, FRAME_HEADER);
  return whole;
}

/** The payload of WINDOW_UPDATE and RST_STREAM. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(6 * settings.length);
  for (const [index, [identifier, value]] of settings.entries()) {
    payload.writeUInt16BE(identifier, 6 * index);
    payload.writeUInt32BE(value, 6 * index + 2);
  }
  return frame(FrameType.settings, 0, 0, payload);
}

/** `payload` is a part of what was read. */
export type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Takes a connection's bytes apart into frames. */
export class FrameReader {
  #rest = NOTHING;

  /** Throws Http2Fault, or what `onFrame` throws. */
  read(bytes: Buffer, onFrame: OnFrame): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= FRAME_HEADER) {
      const length = all.readUIntBE(at, 3);
      if (length > LARGEST_PAYLOAD) throw new Http2Fault('FRAME_SIZE_ERROR', 'a frame too large');
      const end = at + FRAME_HEADER + length;
      if (end > all.length) break;
      const stream = all.readUInt32BE(at + 5) & LARGEST_31_BITS;
      onFrame(all[at + 3] ?? 0, all[at + 4] ?? 0, stream, all.subarray(at + FRAME_HEADER, end));
      at = end;
    }
    this.#rest = at === all.length ? NOTHING : all.subarray(at);
  }
}

/** A frame's payload without the padding around it. Throws Http2Fault. */
export function withoutPadding(flags: number, payload: Buffer): Buffer {
  if ((flags & Flag.padded) === 0) return payload;
  const end = payload.length - (payload[0] ?? 0);
  if (end < 1) throw new Http2Fault('PROTOCOL_ERROR', 'a frame with more padding than bytes');
  return payload.subarray(1, end);
}

import { ConnectionError, ERROR } from './errors.ts';

/** Frame types of RFC 9113, section 6. */
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FLAG = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

/** Settings of RFC 9113, section 6.5.2. */
export const SETTING = {
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** What each side has until it is told otherwise, in bytes. */
export const DEFAULT_WINDOW = 65_535;
export const DEFAULT_FRAME_SIZE = 16_384;
export const LARGEST_WINDOW = 2 ** 31 - 1;

export const FRAME_HEADER = 9;

/** A client's first words (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** `payload` is valid during the call, and longer for whoever keeps it: nobody writes to it. */
export type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Cuts what a client sends into frames. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** The beginning of what is not whole yet. */
  #rest: Buffer | undefined;
  #greeted = false;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Throws a ConnectionError, and what `onFrame` throws. */
  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    if (!this.#greeted) {
      const greeting = bytes.subarray(0, PREFACE.length);
      if (!greeting.equals(PREFACE.subarray(0, greeting.length))) {
        throw new ConnectionError(ERROR.PROTOCOL_ERROR, 'not an HTTP/2 client');
      }
      if (greeting.length < PREFACE.length) {
        this.#rest = bytes;
        return;
      }
      this.#greeted = true;
      at = PREFACE.length;
    }
    while (bytes.length - at >= FRAME_HEADER) {
      const length = bytes.readUIntBE(at, 3);
      if (length > DEFAULT_FRAME_SIZE) {
        throw new ConnectionError(ERROR.FRAME_SIZE_ERROR, `a frame of ${length} bytes`);
      }
      const payload = at + FRAME_HEADER;
      const end = payload + length;
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      const type = bytes[at + 3] ?? 0;
      at = end;
      this.#onFrame(type, bytes[payload - 5] ?? 0, stream, bytes.subarray(payload, end));
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }
}

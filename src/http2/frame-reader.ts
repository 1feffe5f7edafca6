import { broken, ERROR, Http2Fault } from './errors.ts';
import { FRAME_HEADER, FRAME_SIZE, LARGEST_STREAM } from './frames.ts';

/** `payload` is valid during the call, and longer for whoever keeps it: nobody writes to it. */
export type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Cuts what the other side sends into frames (RFC 9113, section 4.1). */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** What must come before the first frame; undefined: nothing, or it has come. */
  #preface: Buffer | undefined;
  /** The beginning of what is not whole yet. */
  #rest: Buffer | undefined;

  /** @param preface with which the other side has to begin, if it is a client */
  constructor(onFrame: OnFrame, preface?: Buffer) {
    this.#onFrame = onFrame;
    this.#preface = preface;
  }

  /** `chunk` belongs to the reader from now on. Throws an Http2Fault, and what `onFrame` throws. */
  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    if (this.#preface !== undefined) {
      at = greeting(bytes, this.#preface);
      if (at === 0) {
        this.#rest = bytes;
        return;
      }
      this.#preface = undefined;
    }
    while (bytes.length - at >= FRAME_HEADER) {
      const length = bytes.readUIntBE(at, 3);
      if (length > FRAME_SIZE) {
        throw new Http2Fault(ERROR.FRAME_SIZE_ERROR, `a frame too large, of ${length} bytes`);
      }
      const payload = at + FRAME_HEADER;
      const end = payload + length;
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & LARGEST_STREAM;
      const type = bytes[at + 3] ?? 0;
      at = end;
      this.#onFrame(type, bytes[payload - 5] ?? 0, stream, bytes.subarray(payload, end));
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }
}

/** Bytes of the preface; 0: it is not whole yet. */
function greeting(bytes: Buffer, preface: Buffer): number {
  const begun = bytes.subarray(0, preface.length);
  if (!begun.equals(preface.subarray(0, begun.length))) throw broken('not an HTTP/2 client');
  return begun.length === preface.length ? preface.length : 0;
}

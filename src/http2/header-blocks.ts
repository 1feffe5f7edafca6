import { broken, ERROR, Http2Fault } from './errors.ts';
import { fragment } from './frame-form.ts';
import { FLAG, FRAME, FRAME_HEADER } from './frames.ts';
import { HpackDecoder, type HeaderBlock } from './hpack/decoder.ts';

/** Takes a header block that is whole; `end`: it is the last that comes on the stream. */
export type OnHeaders = (stream: number, block: HeaderBlock, end: boolean) => void;

/** A block that came in part: nothing else may come between its frames. */
interface Begun {
  readonly stream: number;
  readonly flags: number;
  readonly parts: Buffer[];
  size: number;
}

/** Puts header blocks together and reads them, in the order in which they come (RFC 9113, 4.3). */
export class HeaderBlocks {
  readonly #maxFields: number;
  readonly #decoder: HpackDecoder;
  readonly #onHeaders: OnHeaders;
  #begun: Begun | undefined;

  /**
   * @param maxFields bytes of the longest block, encoded and, as HTTP/2 counts them, decoded
   * @param tableSize bytes of what blocks may refer to from those before
   */
  constructor(maxFields: number, tableSize: number, onHeaders: OnHeaders) {
    this.#maxFields = maxFields;
    this.#decoder = new HpackDecoder(maxFields, tableSize);
    this.#onHeaders = onHeaders;
  }

  /** Throws an Http2Fault for a frame that must not stand within a header block. */
  expect(type: number): void {
    if (this.#begun !== undefined && type !== FRAME.CONTINUATION) {
      throw broken('another frame in the middle of a header block');
    }
  }

  /** HEADERS, when it was expected, or CONTINUATION. Throws an Http2Fault. */
  take(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === FRAME.CONTINUATION) return this.#continue(flags, stream, payload);
    const part = fragment(flags, stream, payload);
    if ((flags & FLAG.END_HEADERS) !== 0) return this.#whole(flags, stream, part);
    this.#begun = { stream, flags, parts: [part], size: part.length };
  }

  #continue(flags: number, stream: number, payload: Buffer): void {
    const begun = this.#begun;
    if (begun?.stream !== stream) throw broken('a stray CONTINUATION');
    begun.parts.push(payload);
    // Each part counts something, or empty ones would come for ever.
    begun.size += payload.length + FRAME_HEADER;
    if (begun.size > this.#maxFields) {
      throw new Http2Fault(ERROR.ENHANCE_YOUR_CALM, 'a huge header block');
    }
    if ((flags & FLAG.END_HEADERS) === 0) return;
    this.#begun = undefined;
    this.#whole(begun.flags, stream, Buffer.concat(begun.parts));
  }

  #whole(flags: number, stream: number, bytes: Buffer): void {
    this.#onHeaders(stream, this.#decoder.decode(bytes), (flags & FLAG.END_STREAM) !== 0);
  }
}

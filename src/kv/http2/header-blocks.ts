import { Flag, FrameType, withoutPadding } from './frames.ts';
import { HeaderDecoder, type Fields } from './hpack.ts';
import { Http2Fault } from './http2-fault.ts';

/** Bytes of one header block of the server's. */
export const LARGEST_BLOCK = 64 * 1024;

/** Bytes of a priority, which means nothing any more: RFC 9113, section 5.3. */
const PRIORITY = 5;

/** A header block that has come whole. */
export interface HeaderBlock {
  readonly stream: number;
  readonly endsStream: boolean;
  readonly fields: Fields;
}

interface Begun {
  readonly stream: number;
  readonly endsStream: boolean;
  readonly bytes: Buffer;
}

/** Puts together header blocks that come in several frames. */
export class HeaderBlocks {
  readonly #decoder = new HeaderDecoder();
  #begun: Begun | undefined;

  /** HEADERS or CONTINUATION; undefined: more is to come. Throws Http2Fault. */
  take(type: number, flags: number, stream: number, payload: Buffer): HeaderBlock | undefined {
    const { endsStream, bytes } =
      type === FrameType.headers ? begin(flags, stream, payload) : this.#go(stream, payload);
    if (bytes.length > LARGEST_BLOCK) throw new Http2Fault('ENHANCE_YOUR_CALM', 'a huge header');
    const isWhole = (flags & Flag.endHeaders) !== 0;
    this.#begun = isWhole ? undefined : { stream, endsStream, bytes };
    return isWhole ? { stream, endsStream, fields: this.#decoder.decode(bytes) } : undefined;
  }

  /** Throws Http2Fault for a frame that must not stand within a header block. */
  expect(type: number): void {
    if (this.#begun !== undefined && type !== FrameType.continuation) {
      throw new Http2Fault('PROTOCOL_ERROR', 'a header block with another frame in it');
    }
  }

  #go(stream: number, payload: Buffer): Begun {
    const begun = this.#begun;
    if (begun?.stream !== stream) throw new Http2Fault('PROTOCOL_ERROR', 'a stray CONTINUATION');
    return { ...begun, bytes: Buffer.concat([begun.bytes, payload]) };
  }
}

function begin(flags: number, stream: number, payload: Buffer): Begun {
  const block = withoutPadding(flags, payload);
  const bytes = (flags & Flag.priority) === 0 ? block : block.subarray(PRIORITY);
  return { stream, endsStream: (flags & Flag.endStream) !== 0, bytes };
}

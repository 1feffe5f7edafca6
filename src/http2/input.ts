import { broken } from './errors.ts';
import { requireForm } from './frame-form.ts';
import { FrameReader, type OnFrame } from './frame-reader.ts';
import { FLAG, FRAME } from './frames.ts';
import { HeaderBlocks, type OnHeaders } from './header-blocks.ts';

export interface InputOptions {
  /** Comes before the first frame; undefined: a server speaks, which has none. */
  readonly preface?: Buffer;
  /** Bytes of the longest header block. */
  readonly maxFields: number;
  /** Bytes of the table that header blocks share, as SETTINGS_HEADER_TABLE_SIZE says. */
  readonly tableSize: number;
  /** Frames in the right form, but for those of header blocks. */
  readonly onFrame: OnFrame;
  readonly onHeaders: OnHeaders;
}

/**
 * What the other side of a connection says, cut into frames, with its header blocks put together
 * and read. What a frame shows by itself or beside the one before it is checked here; what depends
 * on streams is the connection's to check.
 */
export class Input {
  readonly #reader: FrameReader;
  readonly #blocks: HeaderBlocks;
  readonly #onFrame: OnFrame;
  #settled = false;

  constructor({ preface, maxFields, tableSize, onFrame, onHeaders }: InputOptions) {
    this.#reader = new FrameReader(this.#frame, preface);
    this.#blocks = new HeaderBlocks(maxFields, tableSize, onHeaders);
    this.#onFrame = onFrame;
  }

  /** The other side has said its first word, which is SETTINGS (RFC 9113, section 3.4). */
  get settled(): boolean {
    return this.#settled;
  }

  /**
   * `chunk` belongs to the input from now on. Throws an Http2Fault, after which there is nothing
   * more to read, and what the callbacks throw.
   */
  read(chunk: Buffer): void {
    this.#reader.read(chunk);
  }

  readonly #frame: OnFrame = (type, flags, stream, payload) => {
    if (!this.#settled) {
      if (type !== FRAME.SETTINGS || (flags & FLAG.ACK) !== 0) {
        throw broken('the first frame is no SETTINGS');
      }
      this.#settled = true;
    }
    this.#blocks.expect(type);
    requireForm(type, flags, stream, payload);
    if (type === FRAME.HEADERS || type === FRAME.CONTINUATION) {
      this.#blocks.take(type, flags, stream, payload);
    } else {
      this.#onFrame(type, flags, stream, payload);
    }
  };
}

import { FLAG, FRAME, FRAME_SIZE } from './frames.ts';
import type { Output } from './output.ts';
import { DEFAULT_WINDOW, widened } from './window.ts';

/** A stream on which something is sent. */
export interface Sender {
  readonly id: number;
  /**
   * Bytes that the other side takes of this stream, at first the initial window; less than none
   * where it has changed its mind.
   */
  window: number;
}

const NOTHING = new Uint8Array();

/**
 * Sends no more content than the other side takes, on each stream and on all together, and knows
 * which streams wait for room on the connection (RFC 9113, section 5.2).
 */
export class FlowControl<Stream extends Sender> {
  readonly #output: Output;
  readonly #resume: (stream: Stream) => void;
  /** Somebody is in here only while the window of the connection is used up. */
  readonly #waiting = new Set<Stream>();
  /** Bytes that the other side takes on all streams. */
  #window = DEFAULT_WINDOW;
  #initialWindow = DEFAULT_WINDOW;

  /** @param resume is told that a stream may have room again, whether or not it has more to send */
  constructor(output: Output, resume: (stream: Stream) => void) {
    this.#output = output;
    this.#resume = resume;
  }

  /** Bytes that the other side takes on a new stream. */
  get initialWindow(): number {
    return this.#initialWindow;
  }

  /**
   * Sends what there is room for, and gives the rest: `resume` says when to try again. `end`: with
   * the last of it the stream ends on this side.
   */
  send(stream: Stream, payload: Uint8Array, end: boolean): Uint8Array {
    let at = 0;
    do {
      const wanted = Math.min(payload.length - at, FRAME_SIZE, stream.window);
      const size = wanted <= 0 ? 0 : Math.min(wanted, this.#window);
      if (size === 0 && payload.length > 0) {
        if (stream.window > 0) this.#waiting.add(stream);
        return payload.subarray(at);
      }
      stream.window -= size;
      this.#window -= size;
      const flags = end && at + size === payload.length ? FLAG.END_STREAM : 0;
      this.#output.frame(FRAME.DATA, flags, stream.id, payload.subarray(at, at + size));
      at += size;
    } while (at < payload.length);
    return NOTHING;
  }

  /** The stream sends nothing more. */
  forget(stream: Stream): void {
    this.#waiting.delete(stream);
  }

  /** The other side takes so many bytes more on all streams together. Throws an Http2Fault. */
  widen(bytes: number): void {
    this.#window = widened(this.#window, bytes);
    // Whoever is resumed without room joins at the end again, and by then the window is used up.
    for (const stream of this.#waiting) {
      if (this.#window === 0) return;
      this.#waiting.delete(stream);
      this.#resume(stream);
    }
  }

  /** The other side takes so many bytes more of a stream, or fewer. Throws an Http2Fault. */
  widenStream(stream: Stream, bytes: number): void {
    stream.window = widened(stream.window, bytes);
    this.#resume(stream);
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE, for open streams too (section 6.9.2). Throws an Http2Fault. */
  setInitialWindow(bytes: number, open: Iterable<Stream>): void {
    const change = bytes - this.#initialWindow;
    if (change === 0) return;
    this.#initialWindow = bytes;
    for (const stream of open) this.widenStream(stream, change);
  }
}

import { DEFAULT_WINDOW, widened } from './window.ts';

/**
 * Bytes that the other side takes on all streams together, and the streams that wait for more of
 * them (RFC 9113, section 6.9).
 */
export class ConnectionWindow<Stream> {
  readonly #resume: (stream: Stream) => void;
  /** Somebody is in here only while the window is used up. */
  readonly #waiting = new Set<Stream>();
  #room = DEFAULT_WINDOW;

  /** @param resume lets a stream that waited go on; it may wait again */
  constructor(resume: (stream: Stream) => void) {
    this.#resume = resume;
  }

  /** Takes up to `size` bytes; gives how many there were. */
  take(size: number): number {
    const taken = Math.min(size, this.#room);
    this.#room -= taken;
    return taken;
  }

  /** The stream has more to send, and room for it in its own window. */
  wait(stream: Stream): void {
    this.#waiting.add(stream);
  }

  /** The stream sends nothing more. */
  forget(stream: Stream): void {
    this.#waiting.delete(stream);
  }

  /** The other side takes so many bytes more. Throws an Http2Fault. */
  widen(bytes: number): void {
    this.#room = widened(this.#room, bytes);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) this.#resume(stream);
  }
}

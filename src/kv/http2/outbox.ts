import { ConnectionWindow } from '../../http2/connection-window.ts';
import { FLAG, FRAME, FRAME_SIZE } from '../../http2/frames.ts';
import type { Output } from '../../http2/output.ts';
import { DEFAULT_WINDOW, widened } from '../../http2/window.ts';

/** What a request has still to send. */
export interface Sending {
  readonly id: number;
  unsent: Buffer;
  /** Bytes that the server takes on this stream; less than none where it has changed its mind. */
  window: number;
}

/** Sends as much of each request as the server's windows have room for (RFC 9113, section 5.2). */
export class Outbox {
  readonly #output: Output;
  readonly #window = new ConnectionWindow<Sending>((sending) => this.#send(sending));
  #streamWindow = DEFAULT_WINDOW;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Bytes that the server takes on a new stream. */
  get streamWindow(): number {
    return this.#streamWindow;
  }

  /** Begins a stream. `head` is its header block. */
  open(head: Buffer, sending: Sending): void {
    this.#output.headers(sending.id, head, false);
    this.#send(sending);
  }

  /** Sends no more of it. Whether there was more. */
  drop(sending: Sending): boolean {
    this.#window.forget(sending);
    return sending.unsent.length > 0;
  }

  /** The server takes more; on all streams together where none is named. Throws an Http2Fault. */
  widen(bytes: number, sending?: Sending): void {
    if (sending === undefined) return this.#window.widen(bytes);
    sending.window = widened(sending.window, bytes);
    if (sending.unsent.length > 0) this.#send(sending);
  }

  /** The server's new SETTINGS_INITIAL_WINDOW_SIZE, for open streams too. Throws an Http2Fault. */
  setStreamWindow(bytes: number, open: Iterable<Sending>): void {
    const more = bytes - this.#streamWindow;
    this.#streamWindow = bytes;
    for (const sending of open) this.widen(more, sending);
  }

  #send(sending: Sending): void {
    do {
      const { id, unsent } = sending;
      const wanted = Math.min(unsent.length, FRAME_SIZE, sending.window);
      const size = wanted <= 0 ? 0 : this.#window.take(wanted);
      if (size === 0 && unsent.length > 0) {
        if (sending.window > 0) this.#window.wait(sending);
        return;
      }
      sending.unsent = unsent.subarray(size);
      sending.window -= size;
      const flags = size === unsent.length ? FLAG.END_STREAM : 0;
      this.#output.frame(FRAME.DATA, flags, id, unsent.subarray(0, size));
    } while (sending.unsent.length > 0);
  }
}

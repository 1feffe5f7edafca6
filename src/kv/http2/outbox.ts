import type { Socket } from 'node:net';
import {
  FRAME_HEADER,
  Flag,
  FrameType,
  LARGEST_31_BITS,
  LARGEST_PAYLOAD,
  frame,
  writeFrameHeader,
} from './frames.ts';
import { Http2Fault } from './http2-fault.ts';

/** Bytes that a window has before anything is said of it: RFC 9113, section 6.9.2. */
const FIRST_WINDOW = 65_535;

/** Bytes up to which frames are copied together, for the sake of one write. */
const TOGETHER = 64 * 1024;

/** What a request has still to send. */
export interface Sending {
  readonly id: number;
  unsent: Buffer;
  /** Bytes that the server takes on this stream. */
  window: number;
}

/** What leaves on a connection: as much of each request as the server's windows have room for. */
export class Outbox {
  readonly #socket: Socket;
  #window = FIRST_WINDOW;
  #streamWindow = FIRST_WINDOW;
  /** Requests that wait for room. */
  readonly #held = new Set<Sending>();
  #frames: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the server takes on a new stream. */
  get streamWindow(): number {
    return this.#streamWindow;
  }

  /** Sends a frame with all others of this turn. */
  write(bytes: Buffer): void {
    if (this.#frames.push(bytes) === 1) queueMicrotask(this.#flush);
  }

  /** Begins a stream. `head` is its header block, of LARGEST_PAYLOAD bytes at the most. */
  open(head: Buffer, sending: Sending): void {
    const { id, unsent } = sending;
    const begin = FRAME_HEADER + head.length;
    const together = unsent.length <= Math.min(this.#window, sending.window, LARGEST_PAYLOAD);
    const bytes = Buffer.allocUnsafe(begin + (together ? FRAME_HEADER + unsent.length : 0));
    writeFrameHeader(bytes, 0, FrameType.headers, Flag.endHeaders, id, head.length);
    bytes.set(head, FRAME_HEADER);
    if (together) {
      writeFrameHeader(bytes, begin, FrameType.data, Flag.endStream, id, unsent.length);
      bytes.set(unsent, begin + FRAME_HEADER);
      this.#take(sending, unsent.length);
    }
    this.write(bytes);
    if (!together) this.#continue(sending);
  }

  /** Sends no more of it. Whether there was more. */
  drop(sending: Sending): boolean {
    return this.#held.delete(sending);
  }

  /** The server takes more; on all streams together where none is named. Throws Http2Fault. */
  widen(bytes: number, sending?: Sending): void {
    if (sending === undefined) {
      this.#window = widened(this.#window, bytes);
      for (const held of this.#held) this.#continue(held);
    } else {
      sending.window = widened(sending.window, bytes);
      if (this.#held.has(sending)) this.#continue(sending);
    }
  }

  /** The server's new SETTINGS_INITIAL_WINDOW_SIZE, for open streams too. Throws Http2Fault. */
  setStreamWindow(bytes: number, open: Iterable<Sending>): void {
    const more = bytes - this.#streamWindow;
    this.#streamWindow = bytes;
    for (const sending of open) this.widen(more, sending);
  }

  #continue(sending: Sending): void {
    while (sending.unsent.length > 0) {
      const room = Math.min(this.#window, sending.window, LARGEST_PAYLOAD);
      if (room <= 0) {
        this.#held.add(sending);
        return;
      }
      const part = sending.unsent.subarray(0, room);
      this.#take(sending, part.length);
      const flags = sending.unsent.length === 0 ? Flag.endStream : 0;
      this.write(frame(FrameType.data, flags, sending.id, part));
    }
    this.#held.delete(sending);
  }

  #take(sending: Sending, bytes: number): void {
    sending.unsent = sending.unsent.subarray(bytes);
    sending.window -= bytes;
    this.#window -= bytes;
  }

  readonly #flush = (): void => {
    const frames = this.#frames;
    this.#frames = [];
    const [only] = frames;
    if (!this.#socket.writable || only === undefined) return;
    if (frames.length === 1) {
      this.#socket.write(only);
      return;
    }
    const size = frames.reduce((sum, { length }) => sum + length, 0);
    if (size <= TOGETHER) {
      this.#socket.write(Buffer.concat(frames, size));
      return;
    }
    this.#socket.cork();
    for (const each of frames) this.#socket.write(each);
    this.#socket.uncork();
  };
}

function widened(window: number, by: number): number {
  if (window + by > LARGEST_31_BITS) {
    throw new Http2Fault('FLOW_CONTROL_ERROR', 'a window too wide');
  }
  return window + by;
}

import type { Socket } from 'node:net';
import { FLAG, FRAME, FRAME_HEADER, FRAME_SIZE, PREFACE } from './frames.ts';
import { encodeSettings } from './settings.ts';

/** Bytes that are gathered before they go out in one write. */
const CHUNK = 64 * 1024;

/** Of a socket, what is used. */
export type Sink = Pick<Socket, 'writable' | 'writableLength' | 'write'>;

/**
 * Frames on their way to the other side. What one turn of the event loop has to say goes out in one
 * write, at its end: a write costs more than everything else about a short answer.
 */
export class Output {
  readonly #socket: Sink;
  #chunk = Buffer.allocUnsafe(CHUNK);
  /** What is written of the chunk, and what of that has gone out. */
  #end = 0;
  #start = 0;
  #scheduled = false;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(socket: Sink) {
    this.#socket = socket;
  }

  /** What a client begins with. */
  preface(): void {
    this.#bytes(PREFACE);
  }

  /** A frame whose payload is copied. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    this.#header(payload.length, type, flags, stream);
    this.#bytes(payload);
  }

  /** A header block, in as many frames as it needs. */
  headers(stream: number, block: Uint8Array, endStream: boolean): void {
    let type: number = FRAME.HEADERS;
    let flags: number = endStream ? FLAG.END_STREAM : 0;
    let at = 0;
    do {
      const part = block.subarray(at, at + FRAME_SIZE);
      at += part.length;
      const last = at >= block.length ? FLAG.END_HEADERS : 0;
      this.frame(type, flags | last, stream, part);
      type = FRAME.CONTINUATION;
      flags = 0;
    } while (at < block.length);
  }

  settings(settings: readonly (readonly [setting: number, value: number])[]): void {
    this.frame(FRAME.SETTINGS, 0, 0, encodeSettings(settings));
  }

  settingsAck(): void {
    this.#header(0, FRAME.SETTINGS, FLAG.ACK, 0);
  }

  rstStream(stream: number, code: number): void {
    this.#header(4, FRAME.RST_STREAM, 0, stream);
    this.#uint32(code);
  }

  /** @param increment bytes; with stream 0, of all streams together */
  windowUpdate(stream: number, increment: number): void {
    this.#header(4, FRAME.WINDOW_UPDATE, 0, stream);
    this.#uint32(increment);
  }

  /** @param lastStream of the other side's, the last that is not given back as undone */
  goAway(lastStream: number, code: number): void {
    this.#header(8, FRAME.GOAWAY, 0, 0);
    this.#uint32(lastStream);
    this.#uint32(code);
  }

  /** Sends now what was to be sent at the end of the turn. */
  flush(): void {
    if (this.#start === this.#end) return;
    // Who has gone hears nothing more.
    if (this.#socket.writable) this.#socket.write(this.#chunk.subarray(this.#start, this.#end));
    if (this.#socket.writableLength === 0) {
      // The kernel has it all, so its place can be written to again.
      this.#start = this.#end = 0;
    } else if (this.#end > CHUNK / 2) {
      this.#chunk = Buffer.allocUnsafe(CHUNK);
      this.#start = this.#end = 0;
    } else {
      this.#start = this.#end;
    }
  }

  #header(length: number, type: number, flags: number, stream: number): void {
    this.#reserve(FRAME_HEADER);
    const chunk = this.#chunk;
    const at = this.#end;
    chunk[at] = length >>> 16;
    chunk[at + 1] = length >>> 8;
    chunk[at + 2] = length;
    chunk[at + 3] = type;
    chunk[at + 4] = flags;
    this.#end = at + FRAME_HEADER - 4;
    this.#uint32(stream);
  }

  #uint32(value: number): void {
    this.#reserve(4);
    const chunk = this.#chunk;
    const at = this.#end;
    chunk[at] = value >>> 24;
    chunk[at + 1] = value >>> 16;
    chunk[at + 2] = value >>> 8;
    chunk[at + 3] = value;
    this.#end = at + 4;
  }

  #bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#chunk.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Nothing that is added at a time is longer than a frame, which a chunk has room for. */
  #reserve(size: number): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      // Behind everything that answers in this turn, promises included.
      process.nextTick(this.#flush);
    }
    if (this.#end + size > CHUNK) this.flush();
  }
}

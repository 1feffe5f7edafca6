import type { Socket } from 'node:net';
import { ConnectionError, ERROR } from './errors.ts';
import {
  DEFAULT_WINDOW,
  FLAG,
  FRAME,
  FRAME_HEADER,
  FrameReader,
  LARGEST_WINDOW,
  SETTING,
} from './frames.ts';
import { HpackDecoder, type HeaderBlock } from './hpack/decoder.ts';
import { Output } from './output.ts';
import { PingAnswers } from './ping-answers.ts';
import { areTrailers, fieldOf, readHead, type RequestHead } from './request-head.ts';
import { encodeSettings, readSettings } from './settings.ts';
import { Http2Stream, type StreamHost, type StreamListener } from './stream.ts';

/** Bytes of header fields in one request. */
const MAX_FIELDS = 64 * 1024;

/** Requests under way at a time; a client that knows it waits for its turn. */
const MAX_STREAMS = 16_384;

/** Bytes that a client may send ahead, on each stream and on all together. */
const STREAM_WINDOW = 1024 * 1024;
const CONNECTION_WINDOW = 2 ** 30;

/** Bytes that wait in a socket which nobody reads, before nothing more is read from it. */
const BACKLOG = 1024 * 1024;

/** Ms for which a connection that is to end is kept for a client that has not said a word yet. */
const GREETING_TIME = 250;

/** By which the answer to a ping of our own is known. */
const DRAIN_PING = Buffer.from('draining');

/** Takes a request that has begun. */
export type OnRequest = (stream: Http2Stream, head: RequestHead) => StreamListener;

/** A header block that came in part: nothing else may come between its frames. */
interface Continued {
  readonly stream: number;
  readonly flags: number;
  readonly parts: Buffer[];
  size: number;
}

/** One client, and the requests that it sends (RFC 9113, without push and priorities). */
export class Http2Connection implements StreamHost {
  readonly output: Output;
  readonly #socket: Socket;
  readonly #onRequest: OnRequest;
  readonly #reader = new FrameReader((type, flags, stream, payload) =>
    this.#frame(type, flags, stream, payload),
  );
  readonly #decoder = new HpackDecoder(MAX_FIELDS);
  readonly #streams = new Map<number, Http2Stream>();
  readonly #waiting = new Set<Http2Stream>();
  readonly #pings: PingAnswers;
  #lastStream = 0;
  #settled = false;
  #continued: Continued | undefined;
  /** Bytes that the client takes, on all streams together and at first on each. */
  #sendWindow = DEFAULT_WINDOW;
  #initialWindow = DEFAULT_WINDOW;
  /** Bytes received since the client was last told that it may send as much again. */
  #received = 0;
  #draining = false;
  /** Of the streams that are answered, the last; undefined: the client may still begin more. */
  #lastTaken: number | undefined;
  #failed = false;

  constructor(socket: Socket, onRequest: OnRequest) {
    this.#socket = socket;
    this.#onRequest = onRequest;
    this.output = new Output(socket);
    this.#pings = new PingAnswers(this.output);
    const settings = encodeSettings([
      [SETTING.MAX_CONCURRENT_STREAMS, MAX_STREAMS],
      [SETTING.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
      [SETTING.MAX_HEADER_LIST_SIZE, MAX_FIELDS],
    ]);
    this.output.frame(FRAME.SETTINGS, 0, 0, settings);
    this.#number(FRAME.WINDOW_UPDATE, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => socket.resume());
    // What went wrong below shows in 'close', and the client knows it anyway.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#pings.stop();
      this.#abandon();
    });
  }

  /**
   * Takes what the client sends until it has heard that it should go elsewhere, and ends when all
   * of that is answered. As in gRPC's other servers a ping tells when it has heard.
   */
  drain(): void {
    if (this.#draining || this.#failed) return;
    this.#draining = true;
    this.#goAway(LARGEST_WINDOW, ERROR.NO_ERROR);
    this.output.frame(FRAME.PING, 0, 0, DRAIN_PING);
    setTimeout(() => {
      if (!this.#settled) this.destroy();
    }, GREETING_TIME).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  takeWindow(size: number): number {
    const taken = Math.max(0, Math.min(size, this.#sendWindow));
    this.#sendWindow -= taken;
    return taken;
  }

  waitForWindow(stream: Http2Stream): void {
    this.#waiting.add(stream);
  }

  closed(stream: Http2Stream): void {
    this.#streams.delete(stream.id);
    this.#waiting.delete(stream);
    this.#endIfDone();
  }

  #read(chunk: Buffer): void {
    if (this.#failed) return;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
    }
    if (this.#socket.writableLength > BACKLOG) this.#socket.pause();
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    if (!this.#settled && type !== FRAME.SETTINGS) throw broken('the first frame is no SETTINGS');
    if (this.#continued !== undefined && type !== FRAME.CONTINUATION) {
      throw broken('a frame in the middle of a header block');
    }
    switch (type) {
      case FRAME.DATA:
        return this.#data(flags, stream, payload);
      case FRAME.HEADERS:
        return this.#headers(flags, stream, payload);
      case FRAME.PRIORITY:
        requireSize(payload, 5);
        requireStream(stream);
        return requireOther(stream, payload);
      case FRAME.RST_STREAM:
        requireSize(payload, 4);
        this.#known(stream);
        return this.#streams.get(stream)?.receiveReset();
      case FRAME.SETTINGS:
        return this.#settings(flags, stream, payload);
      case FRAME.PUSH_PROMISE:
        throw broken('a push from a client');
      case FRAME.PING:
        return this.#ping(flags, stream, payload);
      case FRAME.GOAWAY:
        return requireNoStream(stream);
      case FRAME.WINDOW_UPDATE:
        return this.#windowUpdate(stream, payload);
      case FRAME.CONTINUATION:
        return this.#continuation(flags, stream, payload);
      default:
        // What later versions bring is passed over.
        return undefined;
    }
  }

  #data(flags: number, id: number, payload: Buffer): void {
    this.#known(id);
    this.#received += payload.length;
    if (this.#received >= CONNECTION_WINDOW / 2) {
      this.#number(FRAME.WINDOW_UPDATE, 0, this.#received);
      this.#received = 0;
    }
    const stream = this.#streams.get(id);
    const content = unpadded(flags, payload);
    if (stream === undefined) this.#number(FRAME.RST_STREAM, id, ERROR.STREAM_CLOSED);
    else stream.receiveData(content, payload.length, (flags & FLAG.END_STREAM) !== 0);
  }

  #headers(flags: number, stream: number, payload: Buffer): void {
    requireStream(stream);
    let part = unpadded(flags, payload);
    if ((flags & FLAG.PRIORITY) !== 0) {
      if (part.length < 5) throw sizeError();
      requireOther(stream, part);
      part = part.subarray(5);
    }
    if ((flags & FLAG.END_HEADERS) !== 0) return this.#block(flags, stream, part);
    this.#continued = { stream, flags, parts: [part], size: part.length };
  }

  #continuation(flags: number, stream: number, payload: Buffer): void {
    const continued = this.#continued;
    if (continued?.stream !== stream) throw broken('a continuation of nothing');
    continued.parts.push(payload);
    // Each part counts something, or empty ones would come for ever.
    continued.size += payload.length + FRAME_HEADER;
    if (continued.size > MAX_FIELDS) {
      throw new ConnectionError(ERROR.ENHANCE_YOUR_CALM, 'a header block without end');
    }
    if ((flags & FLAG.END_HEADERS) === 0) return;
    this.#continued = undefined;
    this.#block(continued.flags, stream, Buffer.concat(continued.parts));
  }

  #block(flags: number, id: number, bytes: Buffer): void {
    // Read whatever becomes of it, as later blocks refer to it.
    const block = this.#decoder.decode(bytes);
    const end = (flags & FLAG.END_STREAM) !== 0;
    const known = this.#streams.get(id);
    if (known !== undefined) {
      if (known.isWhole) return known.reset(ERROR.STREAM_CLOSED);
      if (!end || !areTrailers(block)) return known.reset(ERROR.PROTOCOL_ERROR);
      return known.receiveData(Buffer.alloc(0), 0, true);
    }
    if (id % 2 === 0) throw broken('a stream with an even number');
    if (id <= this.#lastStream) {
      throw new ConnectionError(ERROR.STREAM_CLOSED, `stream ${id} is closed`);
    }
    this.#lastStream = id;
    this.#open(id, block, end);
  }

  #open(id: number, block: HeaderBlock, end: boolean): void {
    const head = readHead(block);
    const announced = announcedSize(block);
    if (head === undefined || Number.isNaN(announced)) {
      return this.#number(FRAME.RST_STREAM, id, ERROR.PROTOCOL_ERROR);
    }
    if (this.#lastTaken !== undefined || this.#streams.size >= MAX_STREAMS) {
      return this.#number(FRAME.RST_STREAM, id, ERROR.REFUSED_STREAM);
    }
    const stream = new Http2Stream(id, this, this.#initialWindow, STREAM_WINDOW);
    this.#streams.set(id, stream);
    stream.receiveHead(this.#onRequest(stream, head), announced, end);
  }

  #settings(flags: number, stream: number, payload: Buffer): void {
    requireNoStream(stream);
    if ((flags & FLAG.ACK) !== 0) {
      if (payload.length > 0) throw sizeError();
      return;
    }
    this.#settled = true;
    const { initialWindow } = readSettings(payload);
    if (initialWindow !== undefined) {
      const change = initialWindow - this.#initialWindow;
      this.#initialWindow = initialWindow;
      for (const each of this.#streams.values()) {
        if (!each.receiveWindow(change, LARGEST_WINDOW)) throw tooMuch();
      }
    }
    this.output.frame(FRAME.SETTINGS, FLAG.ACK, 0, payload.subarray(0, 0));
  }

  #ping(flags: number, stream: number, payload: Buffer): void {
    requireNoStream(stream);
    requireSize(payload, 8);
    if ((flags & FLAG.ACK) === 0) this.#pings.answer(payload);
    else if (this.#draining && payload.equals(DRAIN_PING)) {
      this.#lastTaken = this.#lastStream;
      this.#goAway(this.#lastTaken, ERROR.NO_ERROR);
      this.#endIfDone();
    }
  }

  #windowUpdate(id: number, payload: Buffer): void {
    requireSize(payload, 4);
    const increment = payload.readUInt32BE(0) & LARGEST_WINDOW;
    if (id > 0) {
      this.#known(id);
      const stream = this.#streams.get(id);
      if (increment === 0) stream?.reset(ERROR.PROTOCOL_ERROR);
      else if (stream?.receiveWindow(increment, LARGEST_WINDOW) === false) {
        stream.reset(ERROR.FLOW_CONTROL_ERROR);
      }
      return;
    }
    if (increment === 0) throw broken('a window update of nothing');
    this.#sendWindow += increment;
    if (this.#sendWindow > LARGEST_WINDOW) throw tooMuch();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) stream.flush();
  }

  /** A stream that is open, or was: of one that never began there is nothing to say. */
  #known(id: number): void {
    requireStream(id);
    if (id > this.#lastStream) throw broken('a frame on a stream that is idle');
  }

  #number(type: number, stream: number, number: number): void {
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32BE(number);
    this.output.frame(type, 0, stream, payload);
  }

  #goAway(lastStream: number, code: number): void {
    const payload = Buffer.allocUnsafe(8);
    payload.writeUInt32BE(lastStream);
    payload.writeUInt32BE(code, 4);
    this.output.frame(FRAME.GOAWAY, 0, 0, payload);
  }

  #fail({ code }: ConnectionError): void {
    this.#goAway(this.#lastStream, code);
    this.output.flush();
    this.#failed = true;
    this.#abandon();
    this.#socket.end(() => this.#socket.destroy());
  }

  #endIfDone(): void {
    if (this.#lastTaken === undefined || this.#streams.size > 0) return;
    this.output.flush();
    this.#socket.end();
  }

  #abandon(): void {
    for (const stream of this.#streams.values()) stream.receiveReset();
  }
}

/** The content of a DATA or HEADERS frame without its padding (RFC 9113, section 6.1). */
function unpadded(flags: number, payload: Buffer): Buffer {
  if ((flags & FLAG.PADDED) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined) throw sizeError();
  if (padding >= payload.length) throw broken('padding that is longer than its frame');
  return payload.subarray(1, payload.length - padding);
}

/** What content-length says; undefined: there is none; NaN: it is no number. */
function announcedSize({ fields }: HeaderBlock): number | undefined {
  const text = fieldOf(fields, 'content-length');
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : NaN;
}

function requireSize(payload: Buffer, size: number): void {
  if (payload.length !== size) throw sizeError();
}

function requireStream(stream: number): void {
  if (stream === 0) throw broken('a frame that needs a stream');
}

function requireNoStream(stream: number): void {
  if (stream !== 0) throw broken('a frame that is for the whole connection');
}

/** Priorities are not heeded (RFC 9113, section 5.3), but must make sense. */
function requireOther(stream: number, priority: Buffer): void {
  if ((priority.readUInt32BE(0) & LARGEST_WINDOW) === stream) {
    throw broken('a stream that depends on itself');
  }
}

function broken(what: string): ConnectionError {
  return new ConnectionError(ERROR.PROTOCOL_ERROR, what);
}

function sizeError(): ConnectionError {
  return new ConnectionError(ERROR.FRAME_SIZE_ERROR, 'a frame of a wrong size');
}

function tooMuch(): ConnectionError {
  return new ConnectionError(ERROR.FLOW_CONTROL_ERROR, 'a window that is too large');
}

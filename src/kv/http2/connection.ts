import type { Socket } from 'node:net';
import { connectSocket, type Endpoint } from './connect-socket.ts';
import {
  Flag,
  FrameReader,
  FrameType,
  LARGEST_31_BITS,
  LARGEST_PAYLOAD,
  PREFACE,
  Setting,
  frame,
  settingsFrame,
  uint32,
  withoutPadding,
} from './frames.ts';
import { HeaderBlocks, LARGEST_BLOCK, type HeaderBlock } from './header-blocks.ts';
import { Http2Fault, NotAnswered, codeName, codeNumber, type Http2Code } from './http2-fault.ts';
import { Liveness } from './liveness.ts';
import { Outbox } from './outbox.ts';
import { Stream, type OnOutcome } from './stream.ts';

/** Bytes of answers after which the server is told that there is room again. */
const WINDOW_STEP = 4 * 1024 * 1024;

/** Ms that the last bytes may take to leave. */
const LAST_WORDS = 1000;

/**
 * The client's end of one HTTP/2 connection, RFC 9113: as many requests at a time as the server
 * takes, each with all of its body at hand and an answer that is gathered whole. It keeps a
 * process alive only while requests are under way.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #liveness: Liveness;
  readonly #reader = new FrameReader();
  readonly #blocks = new HeaderBlocks();
  readonly #streams = new Map<number, Stream>();
  /** Requests over the number that the server takes at a time. */
  readonly #queue = new Set<Stream>();
  readonly #onUnusable: () => void;
  #nextId = 1;
  #mostStreams = Infinity;
  #received = 0;
  #usable = true;
  #onReady: (() => void) | undefined;
  #end: Error | undefined;

  private constructor(socket: Socket, onReady: () => void, onUnusable: () => void) {
    this.#socket = socket;
    this.#onReady = onReady;
    this.#onUnusable = onUnusable;
    this.#outbox = new Outbox(socket);
    this.#liveness = new Liveness({
      isBusy: () => this.#streams.size > 0,
      ping: () => this.#outbox.write(frame(FrameType.ping, 0, 0, Buffer.alloc(8))),
      onDead: (silence) => this.#fail(new Error(`nothing came from the server for ${silence} ms`)),
    });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#fail(new Error('the server closed the connection')));
    socket.on('close', () => this.#fail(new Error('the connection is closed')));
    this.#outbox.write(PREFACE);
    // Answers are gathered whole, so a window would hold nothing back.
    const settings = [
      [Setting.headerTableSize, 0],
      [Setting.enablePush, 0],
      [Setting.initialWindowSize, LARGEST_31_BITS],
      [Setting.maxHeaderListSize, LARGEST_BLOCK],
    ] as const;
    this.#outbox.write(settingsFrame(settings));
    this.#outbox.write(frame(FrameType.windowUpdate, 0, 0, uint32(LARGEST_31_BITS - 65_535)));
  }

  /**
   * Connects, and waits for the server's first word, `timeout` ms for each. `onUnusable` is told
   * once, when the connection takes no more requests; those under way may still be answered.
   */
  static async open(
    endpoint: Endpoint,
    timeout: number,
    onUnusable: () => void,
  ): Promise<Connection> {
    const socket = await connectSocket(endpoint, timeout);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new Connection(socket, resolve, () => {
      reject(connection.#end ?? new Error('the server takes no requests'));
      onUnusable();
    });
    const timer = setTimeout(() => {
      connection.#fail(new Error(`the server said nothing for ${timeout} ms`));
    }, timeout);
    try {
      await promise;
      socket.unref();
      return connection;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether it takes requests. */
  get usable(): boolean {
    return this.#usable;
  }

  /**
   * Sends a request: a header block of LARGEST_PAYLOAD bytes at the most, and a body. The
   * function that it returns takes the request back: nobody is told of its outcome any more.
   */
  send(head: Buffer, body: Buffer, onOutcome: OnOutcome): () => void {
    const stream = new Stream(head, body, onOutcome);
    if (!this.#usable || head.length > LARGEST_PAYLOAD) {
      const why = this.#usable ? 'its header is too large' : 'the connection takes no requests';
      queueMicrotask(() => onOutcome(new NotAnswered(why, false)));
    } else if (this.#streams.size < this.#mostStreams) this.#begin(stream);
    else this.#queue.add(stream);
    return () => this.#takeBack(stream);
  }

  /** Takes no new requests, and closes when those under way are done with. */
  retire(): void {
    this.#drain('the connection is no longer used');
    if (this.#streams.size === 0) this.close();
  }

  /** Somebody got no answer in time: finds out whether the server is still there. */
  doubt(): void {
    if (this.#end === undefined) this.#liveness.ask();
  }

  /** Fails what is under way. */
  close(): void {
    this.#fail(new Error('the connection was closed'), 'NO_ERROR');
  }

  #begin(stream: Stream): void {
    stream.id = this.#nextId;
    stream.window = this.#outbox.streamWindow;
    this.#nextId += 2;
    if (this.#streams.size === 0) this.#socket.ref();
    this.#streams.set(stream.id, stream);
    this.#outbox.open(stream.head, stream);
    // Numbers are not used again; another connection has them all.
    if (this.#nextId > LARGEST_31_BITS) this.#drain('its numbers for requests are used up');
  }

  #takeBack(stream: Stream): void {
    if (this.#queue.delete(stream) || this.#streams.get(stream.id) !== stream) return;
    this.#reset(stream.id, 'CANCEL');
    this.#remove(stream);
  }

  #reset(id: number, code: Http2Code): void {
    this.#outbox.write(frame(FrameType.rstStream, 0, id, uint32(codeNumber(code))));
  }

  #remove(stream: Stream): void {
    this.#outbox.drop(stream);
    this.#streams.delete(stream.id);
    for (const next of this.#queue) {
      if (this.#streams.size >= this.#mostStreams) break;
      this.#queue.delete(next);
      this.#begin(next);
    }
    if (this.#streams.size > 0) return;
    this.#socket.unref();
    if (!this.#usable) this.#fail(new Error('the connection is no longer used'), 'NO_ERROR');
  }

  #refuse(stream: Stream, why: string, reached: boolean): void {
    this.#remove(stream);
    stream.onOutcome(new NotAnswered(why, reached));
  }

  #answered(stream: Stream): void {
    // A server may answer what it has not read whole.
    if (this.#outbox.drop(stream)) this.#reset(stream.id, 'CANCEL');
    this.#remove(stream);
    stream.onOutcome(stream.answer);
  }

  /** Takes no new requests; those that wait to be sent never are. */
  #drain(why: string): void {
    const queued = [...this.#queue];
    this.#queue.clear();
    for (const { onOutcome } of queued) onOutcome(new NotAnswered(why, false));
    if (!this.#usable) return;
    this.#usable = false;
    this.#onUnusable();
  }

  #fail(error: Error, code?: Http2Code): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#liveness.close();
    if (code === undefined) this.#socket.destroy();
    else {
      const payload = Buffer.concat([uint32(0), uint32(codeNumber(code))]);
      this.#socket.end(frame(FrameType.goAway, 0, 0, payload), () => this.#socket.destroy());
      this.#socket.setTimeout(LAST_WORDS, () => this.#socket.destroy());
    }
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    this.#drain(error.message);
    for (const { onOutcome } of streams) {
      onOutcome(new NotAnswered(error.message, true, { cause: error }));
    }
  }

  #read(bytes: Buffer): void {
    if (this.#end !== undefined) return;
    this.#liveness.heard();
    try {
      this.#reader.read(bytes, this.#onFrame);
    } catch (error) {
      if (error instanceof Http2Fault) this.#fail(error, error.code);
      else this.#fail(error instanceof Error ? error : new Error(String(error)), 'INTERNAL_ERROR');
    }
  }

  readonly #onFrame = (type: number, flags: number, id: number, payload: Buffer): void => {
    this.#blocks.expect(type);
    switch (type) {
      case FrameType.data:
        return this.#onData(flags, id, payload);
      case FrameType.headers:
      case FrameType.continuation: {
        const block = this.#blocks.take(type, flags, id, payload);
        if (block !== undefined) this.#onBlock(block);
        return;
      }
      case FrameType.rstStream:
        return this.#onReset(id, payload.readUInt32BE(0));
      case FrameType.settings:
        return this.#onSettings(flags, payload);
      case FrameType.pushPromise:
        throw new Http2Fault('PROTOCOL_ERROR', 'a push, which was refused');
      case FrameType.ping:
        if ((flags & Flag.ack) === 0) {
          this.#outbox.write(frame(FrameType.ping, Flag.ack, 0, payload));
        }
        return;
      case FrameType.goAway:
        return this.#onGoAway(payload);
      case FrameType.windowUpdate: {
        const stream = this.#streams.get(id);
        const bytes = payload.readUInt32BE(0) & LARGEST_31_BITS;
        if (id === 0) this.#outbox.widen(bytes);
        else if (stream !== undefined) this.#outbox.widen(bytes, stream);
      }
    }
  };

  #onData(flags: number, id: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received >= WINDOW_STEP) {
      this.#outbox.write(frame(FrameType.windowUpdate, 0, 0, uint32(this.#received)));
      this.#received = 0;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.takeData(withoutPadding(flags, payload));
    if ((flags & Flag.endStream) !== 0) this.#answered(stream);
  }

  #onBlock({ stream: id, endsStream, fields }: HeaderBlock): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.takeFields(fields);
    if (endsStream) this.#answered(stream);
  }

  #onReset(id: number, code: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const name = codeName(code);
    this.#refuse(stream, `the server broke the call off: ${name}`, name !== 'REFUSED_STREAM');
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & Flag.ack) !== 0) return;
    // Ahead of what wider windows let go: a server counts by them only from then on.
    this.#outbox.write(frame(FrameType.settings, Flag.ack, 0));
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      switch (payload.readUInt16BE(at)) {
        case Setting.maxConcurrentStreams:
          this.#mostStreams = value;
          break;
        case Setting.initialWindowSize:
          this.#outbox.setStreamWindow(value, this.#streams.values());
      }
    }
    this.#onReady?.();
    this.#onReady = undefined;
  }

  #onGoAway(payload: Buffer): void {
    const last = payload.readUInt32BE(0) & LARGEST_31_BITS;
    const why = `the server ends the connection: ${codeName(payload.readUInt32BE(4))}`;
    this.#drain(why);
    for (const stream of this.#streams.values()) {
      if (stream.id > last) this.#refuse(stream, why, false);
    }
    if (this.#streams.size === 0) this.#fail(new Error(why), 'NO_ERROR');
  }
}

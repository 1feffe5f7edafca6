import type { Socket } from 'node:net';
import { ERROR, Http2Fault, broken, errorName } from '../../http2/errors.ts';
import { FlowControl } from '../../http2/flow-control.ts';
import { unpadded } from '../../http2/frame-form.ts';
import { FLAG, FRAME, FRAME_SIZE, LARGEST_STREAM } from '../../http2/frames.ts';
import type { HeaderBlock } from '../../http2/hpack/decoder.ts';
import { Input } from '../../http2/input.ts';
import { Output } from '../../http2/output.ts';
import { SETTING, readSettings } from '../../http2/settings.ts';
import { DEFAULT_WINDOW, LARGEST_WINDOW } from '../../http2/window.ts';
import { connectSocket, type Endpoint } from './connect-socket.ts';
import { fieldsByName } from './fields.ts';
import { Liveness } from './liveness.ts';
import { NotAnswered } from './not-answered.ts';
import { Requests } from './requests.ts';
import { Stream, type OnOutcome } from './stream.ts';

/** Bytes of one header block of the server's. */
const LARGEST_BLOCK = 64 * 1024;

/** With no table a header block means the same whenever it comes (RFC 7541, section 4.2). */
const TABLE_SIZE = 0;

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
  readonly #output: Output;
  readonly #flow: FlowControl<Stream>;
  readonly #liveness: Liveness;
  readonly #input = new Input({
    maxFields: LARGEST_BLOCK,
    tableSize: TABLE_SIZE,
    onFrame: (type, flags, stream, payload) => this.#onFrame(type, flags, stream, payload),
    onHeaders: (stream, block, end) => this.#onHeaders(stream, block, end),
  });
  readonly #requests = new Requests((stream) => this.#begin(stream));
  readonly #onUnusable: () => void;
  /** Bytes of answers since the server was last told that there is room again. */
  #received = 0;
  #usable = true;
  #onReady: (() => void) | undefined;
  #end: Error | undefined;

  private constructor(socket: Socket, onReady: () => void, onUnusable: () => void) {
    this.#socket = socket;
    this.#onReady = onReady;
    this.#onUnusable = onUnusable;
    this.#output = new Output(socket);
    this.#flow = new FlowControl(this.#output, (stream) => {
      if (stream.unsent.length > 0) this.#send(stream);
    });
    this.#liveness = new Liveness({
      isBusy: () => this.#requests.size > 0,
      ping: () => this.#output.frame(FRAME.PING, 0, 0, Buffer.alloc(8)),
      onDead: (silence) => this.#fail(new Error(`nothing came from the server for ${silence} ms`)),
    });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#fail(new Error('the server closed the connection')));
    socket.on('close', () => this.#fail(new Error('the connection is closed')));
    this.#output.preface();
    // Answers are gathered whole, so a window would hold nothing back.
    this.#output.settings([
      [SETTING.HEADER_TABLE_SIZE, TABLE_SIZE],
      [SETTING.ENABLE_PUSH, 0],
      [SETTING.INITIAL_WINDOW_SIZE, LARGEST_WINDOW],
      [SETTING.MAX_HEADER_LIST_SIZE, LARGEST_BLOCK],
    ]);
    this.#output.windowUpdate(0, LARGEST_WINDOW - DEFAULT_WINDOW);
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
   * Sends a request: a header block of FRAME_SIZE bytes at the most, and a body. The function
   * that it returns takes the request back: nobody is told of its outcome any more.
   */
  send(head: Buffer, body: Buffer, onOutcome: OnOutcome): () => void {
    const stream = new Stream(head, body, onOutcome);
    if (!this.#usable || head.length > FRAME_SIZE) {
      const why = this.#usable ? 'its header is too large' : 'the connection takes no requests';
      queueMicrotask(() => onOutcome(new NotAnswered(why, false)));
    } else this.#requests.add(stream);
    return () => this.#takeBack(stream);
  }

  /** Takes no new requests, and closes when those under way are done with. */
  retire(): void {
    this.#drain('the connection is no longer used');
    if (this.#requests.size === 0) this.close();
  }

  /** Somebody got no answer in time: finds out whether the server is still there. */
  doubt(): void {
    if (this.#end === undefined) this.#liveness.ask();
  }

  /** Fails what is under way. */
  close(): void {
    this.#fail(new Error('the connection was closed'), ERROR.NO_ERROR);
  }

  #begin(stream: Stream): void {
    if (this.#requests.size === 1) this.#socket.ref();
    stream.window = this.#flow.initialWindow;
    this.#output.headers(stream.id, stream.head, false);
    this.#send(stream);
    if (this.#requests.areUsedUp) this.#drain('its numbers for requests are used up');
  }

  #send(stream: Stream): void {
    stream.unsent = this.#flow.send(stream, stream.unsent, true);
  }

  #takeBack(stream: Stream): void {
    const isUnderWay = stream.id > 0 && this.#requests.get(stream.id) === stream;
    if (isUnderWay) this.#output.rstStream(stream.id, ERROR.CANCEL);
    this.#remove(stream);
  }

  #remove(stream: Stream): void {
    this.#flow.forget(stream);
    if (!this.#requests.delete(stream) || this.#requests.size > 0) return;
    this.#socket.unref();
    if (!this.#usable) this.#fail(new Error('the connection is no longer used'), ERROR.NO_ERROR);
  }

  #refuse(stream: Stream, why: string, reached: boolean): void {
    this.#remove(stream);
    stream.onOutcome(new NotAnswered(why, reached));
  }

  #answered(stream: Stream): void {
    // A server may answer what it has not read whole.
    if (stream.unsent.length > 0) this.#output.rstStream(stream.id, ERROR.CANCEL);
    this.#remove(stream);
    stream.onOutcome(stream.answer);
  }

  /** Takes no new requests; those that wait to be sent never are. */
  #drain(why: string): void {
    for (const { onOutcome } of this.#requests.clearWaiting()) {
      onOutcome(new NotAnswered(why, false));
    }
    if (!this.#usable) return;
    this.#usable = false;
    this.#onUnusable();
  }

  #fail(error: Error, code?: number): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    this.#liveness.close();
    if (code === undefined) this.#socket.destroy();
    else {
      this.#output.goAway(0, code);
      this.#output.flush();
      this.#socket.end(() => this.#socket.destroy());
      this.#socket.setTimeout(LAST_WORDS, () => this.#socket.destroy());
    }
    const streams = this.#requests.clear();
    this.#drain(error.message);
    for (const { onOutcome } of streams) {
      onOutcome(new NotAnswered(error.message, true, { cause: error }));
    }
  }

  #read(bytes: Buffer): void {
    if (this.#end !== undefined) return;
    this.#liveness.heard();
    try {
      this.#input.read(bytes);
    } catch (error) {
      if (error instanceof Http2Fault) {
        const why = `the server does not keep to HTTP/2: ${error.message}`;
        this.#fail(new Error(why, { cause: error }), error.code);
      } else {
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#fail(failure, ERROR.INTERNAL_ERROR);
      }
    }
  }

  #onFrame(type: number, flags: number, id: number, payload: Buffer): void {
    switch (type) {
      case FRAME.DATA:
        return this.#onData(flags, id, payload);
      case FRAME.RST_STREAM:
        return this.#onReset(id, payload.readUInt32BE(0));
      case FRAME.SETTINGS:
        return this.#onSettings(flags, payload);
      case FRAME.PING:
        if ((flags & FLAG.ACK) === 0) this.#output.frame(FRAME.PING, FLAG.ACK, 0, payload);
        return;
      case FRAME.GOAWAY:
        return this.#onGoAway(payload);
      case FRAME.WINDOW_UPDATE:
        return this.#onWindowUpdate(id, payload);
    }
  }

  #onData(flags: number, id: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received >= WINDOW_STEP) {
      this.#output.windowUpdate(0, this.#received);
      this.#received = 0;
    }
    const stream = this.#requests.get(id);
    const content = unpadded(flags, payload);
    if (stream === undefined) return;
    stream.takeData(content);
    if ((flags & FLAG.END_STREAM) !== 0) this.#answered(stream);
  }

  /**
   * Fields that HTTP/2 forbids are taken as they are: servers put messages with blanks around them
   * into headers, and here nobody passes them on.
   */
  #onHeaders(id: number, { fields }: HeaderBlock, end: boolean): void {
    const stream = this.#requests.get(id);
    if (stream === undefined) return;
    stream.takeFields(fieldsByName(fields));
    if (end) this.#answered(stream);
  }

  #onReset(id: number, code: number): void {
    const stream = this.#requests.get(id);
    if (stream === undefined) return;
    const why = `the server broke the call off: ${errorName(code)}`;
    this.#refuse(stream, why, code !== ERROR.REFUSED_STREAM);
  }

  #onSettings(flags: number, payload: Buffer): void {
    if ((flags & FLAG.ACK) !== 0) return;
    const { initialWindow, maxStreams } = readSettings(payload);
    // Ahead of what wider windows let go: a server counts by them only from then on.
    this.#output.settingsAck();
    if (initialWindow !== undefined) {
      this.#flow.setInitialWindow(initialWindow, this.#requests.all);
    }
    if (maxStreams !== undefined) this.#requests.setMost(maxStreams);
    this.#onReady?.();
    this.#onReady = undefined;
  }

  #onGoAway(payload: Buffer): void {
    const last = payload.readUInt32BE(0) & LARGEST_STREAM;
    const why = `the server ends the connection: ${errorName(payload.readUInt32BE(4))}`;
    this.#drain(why);
    for (const { id } of this.#requests.all) {
      // Who hears of one that is given back may have taken back another.
      const stream = id > last ? this.#requests.get(id) : undefined;
      if (stream !== undefined) this.#refuse(stream, why, false);
    }
    if (this.#requests.size === 0) this.#fail(new Error(why), ERROR.NO_ERROR);
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    const increment = payload.readUInt32BE(0) & LARGEST_WINDOW;
    if (increment === 0) throw broken('a window update of nothing');
    if (id === 0) return this.#flow.widen(increment);
    const stream = this.#requests.get(id);
    if (stream !== undefined) this.#flow.widenStream(stream, increment);
  }
}

import type { Socket } from 'node:net';
import { broken, ERROR, Http2Fault } from '../../http2/errors.ts';
import { FlowControl } from '../../http2/flow-control.ts';
import { unpadded } from '../../http2/frame-form.ts';
import { FLAG, FRAME, PREFACE } from '../../http2/frames.ts';
import { DEFAULT_TABLE_SIZE, type HeaderBlock } from '../../http2/hpack/decoder.ts';
import { Input } from '../../http2/input.ts';
import { OpenStreams } from '../../http2/open-streams.ts';
import { Output } from '../../http2/output.ts';
import { readSettings, SETTING } from '../../http2/settings.ts';
import { DEFAULT_WINDOW, LARGEST_WINDOW } from '../../http2/window.ts';
import { Draining } from './draining.ts';
import { PingAnswers } from './ping-answers.ts';
import { announcedSize, areTrailers, readHead, type RequestHead } from './request-head.ts';
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

/** SETTINGS in a second, each of which may concern every open stream; clients need a few at first. */
const MAX_SETTINGS = 50;

/** Ms that a client which broke the protocol has to read why. */
const LAST_WORDS = 1000;

/** Ms for which a connection that is to end is kept for a client that has not said a word yet. */
const GREETING_TIME = 250;

/** Takes a request that has begun. */
export type OnRequest = (stream: Http2Stream, head: RequestHead) => StreamListener;

/** One client, and the requests that it sends (RFC 9113, without push and priorities). */
export class Http2Connection implements StreamHost {
  readonly output: Output;
  readonly flow: FlowControl<Http2Stream>;
  readonly #socket: Socket;
  readonly #onRequest: OnRequest;
  readonly #input = new Input({
    preface: PREFACE,
    maxFields: MAX_FIELDS,
    tableSize: DEFAULT_TABLE_SIZE,
    onFrame: (type, flags, stream, payload) => this.#frame(type, flags, stream, payload),
    onHeaders: (stream, block, end) => this.#headers(stream, block, end),
  });
  readonly #streams = new OpenStreams<Http2Stream>();
  readonly #pings: PingAnswers;
  readonly #draining: Draining;
  /** The last that the client has begun. */
  #lastStream = 0;
  /** Bytes received since the client was last told that it may send as much again. */
  #received = 0;
  /** SETTINGS since `#settingsSince`, on the clock of `performance.now()`. */
  #settingsCount = 0;
  #settingsSince = 0;
  #failed = false;

  constructor(socket: Socket, onRequest: OnRequest) {
    this.#socket = socket;
    this.#onRequest = onRequest;
    this.output = new Output(socket);
    this.flow = new FlowControl(this.output, (stream) => stream.flush());
    this.#pings = new PingAnswers(this.output);
    this.#draining = new Draining(this.output);
    this.output.settings([
      [SETTING.MAX_CONCURRENT_STREAMS, MAX_STREAMS],
      [SETTING.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
      [SETTING.MAX_HEADER_LIST_SIZE, MAX_FIELDS],
    ]);
    this.output.windowUpdate(0, CONNECTION_WINDOW - DEFAULT_WINDOW);
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
   * of that is answered.
   */
  drain(): void {
    if (this.#draining.begun || this.#failed) return;
    this.#draining.begin();
    setTimeout(() => {
      if (!this.#input.settled) this.destroy();
    }, GREETING_TIME).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  closed(stream: Http2Stream): void {
    this.#streams.delete(stream);
    this.flow.forget(stream);
    this.#endIfDone();
  }

  #read(chunk: Buffer): void {
    if (this.#failed) return;
    try {
      this.#input.read(chunk);
    } catch (error) {
      if (!(error instanceof Http2Fault)) throw error;
      this.#fail(error);
    }
    if (this.#socket.writableLength > BACKLOG) this.#socket.pause();
  }

  #headers(id: number, block: HeaderBlock, end: boolean): void {
    if (id > this.#lastStream) return this.#begin(id, block, end);
    const known = this.#streams.get(id);
    if (known === undefined) {
      if (id % 2 === 0) throw broken('a stream with an even number');
      // They were on their way when the stream ended here, before its request was whole.
      if (end && areTrailers(block)) return;
      throw new Http2Fault(ERROR.STREAM_CLOSED, `stream ${id} is closed`);
    }
    if (known.isWhole) known.reset(ERROR.STREAM_CLOSED);
    else if (!end || !areTrailers(block)) known.reset(ERROR.PROTOCOL_ERROR);
    else known.receiveEnd();
  }

  #begin(id: number, block: HeaderBlock, end: boolean): void {
    if (id % 2 === 0) throw broken('a stream with an even number');
    this.#lastStream = id;
    const head = readHead(block);
    const announced = announcedSize(block.fields);
    if (head === undefined || Number.isNaN(announced)) {
      return this.output.rstStream(id, ERROR.PROTOCOL_ERROR);
    }
    if (this.#draining.settled || this.#streams.size >= MAX_STREAMS) {
      return this.output.rstStream(id, ERROR.REFUSED_STREAM);
    }
    const stream = new Http2Stream(id, this, STREAM_WINDOW);
    this.#streams.add(stream);
    stream.receiveHead(this.#onRequest(stream, head), announced, end);
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case FRAME.DATA:
        return this.#data(flags, stream, payload);
      case FRAME.RST_STREAM:
        this.#requireBegun(stream);
        return this.#streams.get(stream)?.receiveReset();
      case FRAME.SETTINGS:
        return this.#settings(flags, payload);
      case FRAME.PING:
        return this.#ping(flags, payload);
      case FRAME.WINDOW_UPDATE:
        return this.#windowUpdate(stream, payload);
    }
  }

  #data(flags: number, id: number, payload: Buffer): void {
    this.#requireBegun(id);
    this.#received += payload.length;
    if (this.#received >= CONNECTION_WINDOW / 2) {
      this.output.windowUpdate(0, this.#received);
      this.#received = 0;
    }
    const stream = this.#streams.get(id);
    const content = unpadded(flags, payload);
    if (stream === undefined) this.output.rstStream(id, ERROR.STREAM_CLOSED);
    else stream.receiveData(content, payload.length, (flags & FLAG.END_STREAM) !== 0);
  }

  #settings(flags: number, payload: Buffer): void {
    if ((flags & FLAG.ACK) !== 0) return;
    this.#countSettings();
    const { initialWindow } = readSettings(payload);
    // Ahead of what wider windows let go: a client counts by them only from then on.
    this.output.settingsAck();
    if (initialWindow !== undefined) this.flow.setInitialWindow(initialWindow, this.#streams.all);
  }

  #countSettings(): void {
    const now = performance.now();
    if (now - this.#settingsSince >= 1000) {
      this.#settingsSince = now;
      this.#settingsCount = 0;
    }
    this.#settingsCount += 1;
    if (this.#settingsCount > MAX_SETTINGS) {
      throw new Http2Fault(ERROR.ENHANCE_YOUR_CALM, 'too many SETTINGS');
    }
  }

  #ping(flags: number, payload: Buffer): void {
    if ((flags & FLAG.ACK) === 0) return this.#pings.answer(payload);
    this.#draining.heard(payload, this.#lastStream);
    this.#endIfDone();
  }

  #windowUpdate(id: number, payload: Buffer): void {
    const increment = payload.readUInt32BE(0) & LARGEST_WINDOW;
    if (id === 0) {
      if (increment === 0) throw broken('a window update of nothing');
      return this.flow.widen(increment);
    }
    this.#requireBegun(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (increment === 0) stream.reset(ERROR.PROTOCOL_ERROR);
    else if (stream.window + increment > LARGEST_WINDOW) stream.reset(ERROR.FLOW_CONTROL_ERROR);
    else this.flow.widenStream(stream, increment);
  }

  /** Of a stream that never began there is nothing to say. */
  #requireBegun(id: number): void {
    if (id > this.#lastStream) throw broken('a frame on a stream that is idle');
  }

  #fail({ code }: Http2Fault): void {
    this.output.goAway(this.#lastStream, code);
    this.output.flush();
    this.#failed = true;
    this.#abandon();
    this.#socket.end(() => this.#socket.destroy());
    this.#socket.setTimeout(LAST_WORDS, () => this.#socket.destroy());
  }

  #endIfDone(): void {
    if (!this.#draining.settled || this.#streams.size > 0) return;
    this.output.flush();
    this.#socket.end();
  }

  #abandon(): void {
    for (const stream of this.#streams.all) stream.receiveReset();
  }
}

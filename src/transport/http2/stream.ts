import { ERROR } from '../../http2/errors.ts';
import type { FlowControl, Sender } from '../../http2/flow-control.ts';
import type { Output } from '../../http2/output.ts';

/** What a request's stream tells whoever answers it. */
export interface StreamListener {
  /** More of the request, which stays as it is; `end`: nothing comes behind it. */
  data(payload: Buffer, end: boolean): void;
  /** What was written has gone out, after `write` had said that it has to wait. */
  drained?(): void;
  /** Nobody waits for an answer any more. Comes once, and not after an answer that was whole. */
  reset(): void;
}

/** What a connection does for its streams. */
export interface StreamHost {
  readonly output: Output;
  readonly flow: FlowControl<Http2Stream>;
  /** Nothing comes or goes on the stream any more. */
  closed(stream: Http2Stream): void;
}

const EMPTY = Buffer.alloc(0);

/** One request and its answer, on the server's side (RFC 9113, section 5). */
export class Http2Stream implements Sender {
  readonly id: number;
  window: number;
  readonly #host: StreamHost;
  #listener: StreamListener | undefined;
  /** Bytes that the client may send, and how many of what it sent are to be given back. */
  #receiveWindow: number;
  #owed = 0;
  readonly #fullWindow: number;
  #remoteClosed = false;
  #localClosed = false;
  /** What waits for the client's window, and the trailers behind it. */
  readonly #waiting: Uint8Array[] = [];
  #trailers: Uint8Array | undefined;
  /** Bytes of the body that are to come, where the client has said how many. */
  #announced: number | undefined;

  constructor(id: number, host: StreamHost, receiveWindow: number) {
    this.id = id;
    this.#host = host;
    this.window = host.flow.initialWindow;
    this.#receiveWindow = this.#fullWindow = receiveWindow;
  }

  /** The request is all there. */
  get isWhole(): boolean {
    return this.#remoteClosed;
  }

  /** Called by the connection alone, as all that begins with `receive`. */
  receiveHead(listener: StreamListener, announced: number | undefined, end: boolean): void {
    this.#listener = listener;
    this.#announced = announced;
    if (end) this.receiveEnd();
  }

  /** @param size of the frame's payload, padding included: what counts for the window */
  receiveData(payload: Buffer, size: number, end: boolean): void {
    if (this.#remoteClosed) return this.reset(ERROR.STREAM_CLOSED);
    this.#receiveWindow -= size;
    if (this.#receiveWindow < 0) return this.reset(ERROR.FLOW_CONTROL_ERROR);
    if (this.#announced !== undefined) {
      this.#announced -= payload.length;
      if (this.#announced < 0 || (end && this.#announced > 0)) {
        return this.reset(ERROR.PROTOCOL_ERROR);
      }
    }
    if (end) this.#remoteClosed = true;
    this.#listener?.data(payload, end);
    // Padding is nobody's to consume.
    this.consumed(size - payload.length);
  }

  /** Nothing comes behind what has come. */
  receiveEnd(): void {
    this.receiveData(EMPTY, 0, true);
  }

  receiveReset(): void {
    this.#abandon();
    this.#host.closed(this);
  }

  /** What was received is done with: the client may send as much again. */
  consumed(size: number): void {
    if (this.#remoteClosed || this.#localClosed) return;
    this.#owed += size;
    if (this.#owed < this.#fullWindow / 2) return;
    this.#host.output.windowUpdate(this.id, this.#owed);
    this.#receiveWindow += this.#owed;
    this.#owed = 0;
  }

  /** The head of the answer, or its trailers, as an encoded block. */
  headers(block: Uint8Array, end: boolean): void {
    if (this.#localClosed) return;
    if (this.#waiting.length > 0) {
      this.#trailers = block;
      return;
    }
    this.#host.output.headers(this.id, block, end);
    if (end) this.#closeLocal();
  }

  /**
   * More of the answer, which nobody may change from now on. False: it waits for the client's
   * window, and so would more of it.
   */
  write(payload: Uint8Array): boolean {
    if (this.#localClosed) return true;
    const rest = this.#waiting.length > 0 ? payload : this.#host.flow.send(this, payload, false);
    if (rest.length > 0) this.#waiting.push(rest);
    return rest.length === 0;
  }

  /** Ends the stream as it is. The client hears that, the listener does not unless it waits. */
  reset(code: number): void {
    if (this.#remoteClosed && this.#localClosed) return;
    this.#host.output.rstStream(this.id, code);
    this.receiveReset();
  }

  /** Sends what the client's windows have room for. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    for (let payload = this.#waiting[0]; payload !== undefined; payload = this.#waiting[0]) {
      const rest = this.#host.flow.send(this, payload, false);
      if (rest.length > 0) {
        this.#waiting[0] = rest;
        return;
      }
      this.#waiting.shift();
    }
    const trailers = this.#trailers;
    if (trailers !== undefined) this.headers(trailers, true);
    else this.#listener?.drained?.();
  }

  /** After the whole answer, what the client still sends is for nobody. */
  #closeLocal(): void {
    this.#localClosed = true;
    this.#listener = undefined;
    if (this.#remoteClosed) this.#host.closed(this);
    else this.reset(ERROR.NO_ERROR);
  }

  #abandon(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    this.#remoteClosed = this.#localClosed = true;
    this.#waiting.length = 0;
    listener?.reset();
  }
}

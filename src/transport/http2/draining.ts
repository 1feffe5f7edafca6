import { ERROR } from '../../http2/errors.ts';
import { FRAME, LARGEST_STREAM } from '../../http2/frames.ts';
import type { Output } from '../../http2/output.ts';

/** By which the answer to a ping of our own is known. */
const PING = Buffer.from('draining');

/**
 * The end of a connection in order (RFC 9113, section 6.8): a first GOAWAY asks the client to go
 * elsewhere, and what it sends until it has heard that is still taken; a second one says what that
 * was. As in gRPC's other servers a ping tells when it has heard.
 */
export class Draining {
  readonly #output: Output;
  #begun = false;
  #lastTaken: number | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  get begun(): boolean {
    return this.#begun;
  }

  /** The client has been told which of its streams are answered; later ones are not. */
  get settled(): boolean {
    return this.#lastTaken !== undefined;
  }

  begin(): void {
    this.#begun = true;
    this.#output.goAway(LARGEST_STREAM, ERROR.NO_ERROR);
    this.#output.frame(FRAME.PING, 0, 0, PING);
  }

  /** The client answers a ping, having begun `lastStream` at last. */
  heard(ping: Buffer, lastStream: number): void {
    if (!this.#begun || !ping.equals(PING)) return;
    this.#lastTaken = lastStream;
    this.#output.goAway(lastStream, ERROR.NO_ERROR);
  }
}

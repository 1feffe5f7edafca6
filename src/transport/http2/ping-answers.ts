import { FLAG, FRAME } from '../../http2/frames.ts';
import type { Output } from '../../http2/output.ts';

/** Ms for which an answer may wait. */
const PATIENCE = 10;

/**
 * Answers a client's pings, but not at once. grpc-go, hence daprd, measures with a ping after nearly
 * every answer whether its window is large enough, and does not ping again before it has heard.
 * With an answer at once a call is two writes and two wake-ups more on both sides: a Get through
 * daprd took 426 us instead of 382.
 */
export class PingAnswers {
  readonly #output: Output;
  #owed: Buffer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  /** A second ping shows that this client does not wait for the first one's answer. */
  answer(ping: Buffer): void {
    this.#send();
    this.#owed = Buffer.from(ping);
    this.#timer = setTimeout(() => this.#send(), PATIENCE).unref();
  }

  stop(): void {
    this.#owed = undefined;
    clearTimeout(this.#timer);
  }

  #send(): void {
    if (this.#owed !== undefined) this.#output.frame(FRAME.PING, FLAG.ACK, 0, this.#owed);
    this.stop();
  }
}

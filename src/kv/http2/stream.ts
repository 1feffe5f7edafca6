import type { Sender } from '../../http2/flow-control.ts';
import type { Fields } from './fields.ts';
import type { NotAnswered } from './not-answered.ts';

const NO_FIELDS: Fields = new Map();

export interface Answer {
  readonly headers: Fields;
  readonly body: Buffer;
  /** Those after the body. */
  readonly trailers: Fields;
}

/** Told once of a request: its answer, or that there will be none. */
export type OnOutcome = (outcome: Answer | NotAnswered) => void;

/** One request, and what has come of its answer. */
export class Stream implements Sender {
  /** 0 until it is begun. */
  id = 0;
  window = 0;
  readonly head: Buffer;
  /** What of the body has not gone out. */
  unsent: Uint8Array;
  readonly onOutcome: OnOutcome;
  readonly #body: Buffer[] = [];
  #headers: Fields | undefined;
  #trailers = NO_FIELDS;

  constructor(head: Buffer, body: Buffer, onOutcome: OnOutcome) {
    this.head = head;
    this.unsent = body;
    this.onOutcome = onOutcome;
  }

  /** Headers that only say that there is more to come are passed over. */
  takeFields(fields: Fields): void {
    if (this.#headers !== undefined) this.#trailers = fields;
    else if (fields.get(':status')?.startsWith('1') !== true) this.#headers = fields;
  }

  takeData(bytes: Buffer): void {
    this.#body.push(bytes);
  }

  /** What has come, once that is all. */
  get answer(): Answer {
    const [only] = this.#body;
    return {
      headers: this.#headers ?? NO_FIELDS,
      body: only !== undefined && this.#body.length === 1 ? only : Buffer.concat(this.#body),
      trailers: this.#trailers,
    };
  }
}

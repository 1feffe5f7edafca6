import { Cancellation, type CancelSignal } from '../cancel-signal.ts';
import type { CallContext } from '../component/call-context.ts';
import type { UnaryHandler } from '../service/state-store.ts';
import { toGrpcStatus, type GrpcStatus } from '../service/status.ts';
import { STATUS_CODES } from '../guest/guest-error.ts';
import { deadlines, Timed } from '../kv/deadlines.ts';
import { encodeFields } from '../http2/hpack/encoder.ts';
import { COMPONENT_HEADER, DETAILS_TRAILER } from './header-names.ts';
import { fieldOf } from './http2/request-head.ts';
import type { Http2Stream, StreamListener } from './http2/stream.ts';

/** Before each message: whether it is compressed, and its length (gRPC over HTTP/2). */
const PREFIX = 5;

const HEAD: readonly (readonly [string, string])[] = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
];
const EMPTY = Buffer.alloc(0);
const HEAD_BLOCK = encodeFields(HEAD);
const OK_BLOCK = encodeFields([['grpc-status', '0']]);

export interface UnaryCallOptions {
  readonly handler: UnaryHandler;
  /** Bytes of the longest request. */
  readonly maxRequest: number;
  /** Of the header grpc-timeout, in ms; Infinity: there is none. */
  readonly timeout: number;
}

/** One call of a unary method, as gRPC has it on a stream of HTTP/2. */
export class UnaryCall implements StreamListener, CallContext {
  readonly component: string;
  readonly deadline: number;
  readonly #stream: Http2Stream;
  readonly #options: UnaryCallOptions;
  /** What came of the message with its prefix is in the first `#size` bytes. */
  #gathered: Buffer = EMPTY;
  #size = 0;
  /** Of the message with its prefix, once that is there. */
  #expected: number | undefined;
  #done = false;
  #cancelled = false;
  #signal: Cancellation | undefined;
  #timed: Timed | undefined;

  constructor(stream: Http2Stream, fields: readonly string[], options: UnaryCallOptions) {
    this.#stream = stream;
    this.#options = options;
    this.component = fieldOf(fields, COMPONENT_HEADER) ?? '';
    this.deadline = performance.now() + options.timeout;
    this.#endAtDeadline();
  }

  get signal(): CancelSignal {
    this.#signal ??= new Cancellation();
    if (this.#cancelled) this.#signal.abort();
    return this.#signal;
  }

  data(payload: Buffer, end: boolean): void {
    if (this.#done) return;
    this.#gather(payload);
    if (this.#expected === undefined && this.#size >= PREFIX && !this.#readPrefix()) return;
    if (this.#size > (this.#expected ?? Infinity)) {
      return this.#fail('UNIMPLEMENTED', 'a unary method takes one request message, not more');
    }
    if (!end) return this.#stream.consumed(payload.length);
    if (this.#size < (this.#expected ?? Infinity)) {
      return this.#size === 0
        ? this.#fail('UNIMPLEMENTED', 'a unary method takes one request message, not none')
        : this.#fail('INTERNAL', 'the request ends in the middle of its message');
    }
    this.#run(this.#gathered.subarray(PREFIX, this.#size));
  }

  reset(): void {
    this.#done = this.#cancelled = true;
    this.#leaveDeadlines();
    this.#signal?.abort();
  }

  /** Most requests come in one piece, which is not copied. */
  #gather(payload: Buffer): void {
    const size = this.#size + payload.length;
    if (this.#size === 0) this.#gathered = payload;
    else if (payload.length > 0) {
      if (size > this.#gathered.length) {
        // Not all that the prefix announces, which may never come.
        const grown = Buffer.allocUnsafe(Math.min(2 * size, Math.max(size, this.#expected ?? 0)));
        this.#gathered.copy(grown, 0, 0, this.#size);
        this.#gathered = grown;
      }
      payload.copy(this.#gathered, this.#size);
    }
    this.#size = size;
  }

  /** False: the call has failed with it. */
  #readPrefix(): boolean {
    if (this.#gathered[0] !== 0) {
      this.#fail('INTERNAL', 'the request is compressed, but does not say how');
      return false;
    }
    const length = this.#gathered.readUInt32BE(1);
    const { maxRequest } = this.#options;
    if (length > maxRequest) {
      this.#fail('RESOURCE_EXHAUSTED', `a request of ${length} bytes is above ${maxRequest}`);
      return false;
    }
    this.#expected = PREFIX + length;
    return true;
  }

  #run(request: Buffer): void {
    const failed = (error: unknown): void => this.#end(toGrpcStatus(error));
    try {
      const response = this.#options.handler(request, this);
      if (!(response instanceof Promise)) return this.#answer(response);
      response.then((answer) => this.#answer(answer), failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Whatever the handler waits for, or the request for its end, who called is not kept waiting. */
  #endAtDeadline(): void {
    if (this.deadline === Infinity) return;
    // A handler that keeps to the deadline by itself has more to say, and says it before that turn.
    this.#timed = new Timed(this.deadline, () =>
      setImmediate(() => {
        this.#fail('DEADLINE_EXCEEDED', "the call's deadline passed");
        this.reset();
      }),
    );
    deadlines.add(this.#timed);
  }

  #answer(response: Uint8Array): void {
    if (this.#done) return;
    this.#close();
    const message = Buffer.allocUnsafe(PREFIX + response.length);
    message[0] = 0;
    message.writeUInt32BE(response.length, 1);
    message.set(response, PREFIX);
    this.#stream.headers(HEAD_BLOCK, false);
    this.#stream.write(message);
    this.#stream.headers(OK_BLOCK, true);
  }

  #fail(status: keyof typeof STATUS_CODES, message: string): void {
    this.#end({ code: STATUS_CODES[status], message });
  }

  #end(status: GrpcStatus): void {
    if (this.#done) return;
    this.#close();
    this.#stream.headers(encodeFields([...HEAD, ...statusFields(status)]), true);
  }

  #close(): void {
    this.#done = true;
    this.#gathered = EMPTY;
    this.#leaveDeadlines();
  }

  #leaveDeadlines(): void {
    if (this.#timed !== undefined) deadlines.delete(this.#timed);
  }
}

function* statusFields({ code, message, details }: GrpcStatus): Iterable<[string, string]> {
  yield ['grpc-status', String(code)];
  if (message !== '') yield ['grpc-message', percentEncoded(message)];
  if (details !== undefined) yield [DETAILS_TRAILER, details.toString('base64')];
}

/**
 * Printable ASCII but for the percent sign stays (gRPC over HTTP/2, Status-Message), and blanks but
 * for those around it, which HTTP/2 does not allow.
 */
function percentEncoded(message: string): string {
  return message
    .toWellFormed()
    .replaceAll(/[^ -$&-~]+|^ +|(?<! ) +$/g, (text) =>
      [...Buffer.from(text)]
        .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    );
}

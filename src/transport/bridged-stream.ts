import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { ERROR } from '../http2/errors.ts';
import { encodeFields } from '../http2/hpack/encoder.ts';
import type { RequestHead } from './http2/request-head.ts';
import type { Http2Stream, StreamListener } from './http2/stream.ts';

/** A request that another server in this process answers: both ways, as it comes. */
export class BridgedStream implements StreamListener {
  readonly #stream: Http2Stream;
  readonly #request: Promise<ClientHttp2Stream | undefined>;
  #ended = false;

  constructor(stream: Http2Stream, head: RequestHead, session: Promise<ClientHttp2Session>) {
    this.#stream = stream;
    this.#request = session
      .then((opened) => this.#open(opened, head))
      .catch(() => {
        // What it begins with is more than Node passes on, or there is nobody to pass it to.
        stream.reset(ERROR.INTERNAL_ERROR);
        return undefined;
      });
  }

  data(payload: Buffer, end: boolean): void {
    void this.#request.then((request) => {
      if (payload.length > 0) {
        request?.write(payload, () => this.#stream.consumed(payload.length));
      }
      if (end) request?.end();
    });
  }

  drained(): void {
    void this.#request.then((request) => request?.resume());
  }

  reset(): void {
    this.#ended = true;
    void this.#request.then((request) => request?.close(constants.NGHTTP2_CANCEL));
  }

  #open(session: ClientHttp2Session, head: RequestHead): ClientHttp2Stream {
    const stream = this.#stream;
    const request = session.request(outgoing(head), { endStream: false });
    let trailers: IncomingHttpHeaders | undefined;
    request.on('response', (headers, flags) => {
      this.#ended ||= (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      stream.headers(block(headers), this.#ended);
      // Not before: Node may tell of the body before it tells of the head.
      request.on('data', (chunk: Buffer) => {
        if (!stream.write(chunk)) request.pause();
      });
    });
    request.on('trailers', (headers) => (trailers = headers));
    request.on('error', () => undefined);
    request.on('close', () => {
      if (this.#ended) return;
      if (trailers !== undefined) stream.headers(block(trailers), true);
      else stream.reset(request.rstCode || ERROR.INTERNAL_ERROR);
    });
    return request;
  }
}

/** Fields that come more than once are joined as a list of values. */
function outgoing({ fields }: RequestHead): OutgoingHttpHeaders {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < fields.length; at += 2) {
    const [name = '', value = ''] = fields.slice(at, at + 2);
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(
    [...headers].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

function block(headers: Readonly<Record<string, number | string | string[] | undefined>>): Buffer {
  return encodeFields(
    Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, String(each)]),
    ),
  );
}

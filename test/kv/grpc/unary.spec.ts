import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { requestHead, withTimeout } from '../../../src/kv/grpc/request-head.ts';
import { RpcError, Status } from '../../../src/kv/grpc/rpc-error.ts';
import { unaryCall } from '../../../src/kv/grpc/unary.ts';
import type { Connection } from '../../../src/kv/http2/connection.ts';
import { TestServer, bodyOf } from '../http2/test-server.ts';

type Fields = Record<string, string>;

/** The bytes of one message. */
function framed(message: string, flag = 0, length = Buffer.byteLength(message)): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.from(message)]);
}

describe('a unary call of gRPC', () => {
  let server: TestServer;
  let connection: Connection;
  let request: { headers: IncomingHttpHeaders; body: Buffer };
  let answer: (stream: ServerHttp2Stream) => void;

  const answerWith = (body: Buffer, trailers: Fields, status = 200): void => {
    answer = (stream) => {
      stream.respond(
        { ':status': status, 'content-type': 'application/grpc' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(body);
    };
  };

  const head = (timeout: number): Buffer => {
    const metadata = [['token', 'secret', true]] as const;
    const recipient = { authority: 'etcd:2379', secure: false, metadata };
    return withTimeout(requestHead(recipient, '/etcdserverpb.KV/Range'), timeout);
  };

  const call = async (timeout = 1500, signal?: AbortSignal): Promise<string> =>
    (await unaryCall(connection, head(timeout), framed('question'), signal)).toString();

  const failure = async (): Promise<RpcError> => {
    const outcome = await call().catch((error: unknown) => error);
    assert.ok(outcome instanceof RpcError, String(outcome));
    return outcome;
  };

  before(async () => {
    server = await TestServer.start((stream, headers) => {
      void bodyOf(stream).then((body) => {
        request = { headers, body };
        answer(stream);
      });
    });
    connection = await server.connect();
  });
  after(() => {
    connection?.close();
    server?.close();
  });

  it('sends one message, with what gRPC wants in the header', async () => {
    answerWith(framed('answer'), { 'grpc-status': '0' });
    assert.equal(await call(), 'answer');
    assert.deepEqual(request.body, framed('question'));
    const { headers } = request;
    assert.equal(headers[':method'], 'POST');
    assert.equal(headers[':scheme'], 'http');
    assert.equal(headers[':path'], '/etcdserverpb.KV/Range');
    assert.equal(headers[':authority'], 'etcd:2379');
    assert.equal(headers['te'], 'trailers');
    assert.equal(headers['content-type'], 'application/grpc');
    assert.equal(headers['token'], 'secret');
  });

  it('says how long the caller waits, in at most eight digits', async () => {
    answerWith(framed(''), { 'grpc-status': '0' });
    const timeouts: [number, string | undefined][] = [
      [1499.2, '1500m'],
      [0.1, '1m'],
      [-5, '1m'],
      [99_999_999, '99999999m'],
      [100_000_000, '100000S'],
      [1e15, '99999999S'],
      [Infinity, undefined],
    ];
    for (const [timeout, text] of timeouts) {
      await call(timeout);
      assert.equal(request.headers['grpc-timeout'], text);
    }
  });

  it('takes an empty answer, and one of several MiB', async () => {
    answerWith(framed(''), { 'grpc-status': '0' });
    assert.equal(await call(), '');
    const large = 'large '.repeat(1_000_000);
    answerWith(framed(large), { 'grpc-status': '0' });
    assert.equal(await call(), large);
  });

  it('fails with the code and the words of the server', async () => {
    answerWith(Buffer.alloc(0), { 'grpc-status': '14', 'grpc-message': 'no 100%25 %C3%A4nswer' });
    const { code, message, reached } = await failure();
    assert.deepEqual([code, message, reached], [Status.unavailable, 'no 100% änswer', true]);
    answerWith(Buffer.alloc(0), { 'grpc-status': '5', 'grpc-message': '%zz' });
    assert.equal((await failure()).message, '%zz');
    answerWith(Buffer.alloc(0), { 'grpc-status': '5' });
    assert.equal((await failure()).message, 'gRPC status 5');
    answer = (stream) => {
      stream.respond(
        { ':status': 200, 'grpc-status': '3', 'grpc-message': 'at once' },
        { endStream: true },
      );
    };
    assert.equal((await failure()).message, 'at once');
  });

  it('fails where something else than a server of gRPC answers', async () => {
    answerWith(Buffer.from('<html>'), {}, 503);
    const { code, message, reached } = await failure();
    assert.equal(code, Status.unavailable);
    assert.match(message, /HTTP status 503/);
    assert.equal(reached, true);
    answerWith(framed('x'), {});
    assert.match((await failure()).message, /without a status/);
    answerWith(framed('x'), { 'grpc-status': 'x' });
    assert.match((await failure()).message, /gRPC status x/);
  });

  it('fails with an answer that is not one whole message', async () => {
    const bodies = [
      Buffer.alloc(0),
      Buffer.alloc(4),
      framed('x', 0, 2),
      framed('compressed', 1),
      Buffer.concat([framed('x'), framed('y')]),
    ];
    for (const body of bodies) {
      answerWith(body, { 'grpc-status': '0' });
      const { code, reached } = await failure();
      assert.deepEqual([code, reached], [Status.internal, true]);
    }
  });

  it('is taken back when its caller leaves', async () => {
    const { promise: came, resolve: onCame } = Promise.withResolvers<ServerHttp2Stream>();
    answer = onCame;
    const caller = new AbortController();
    const outcome = call(Infinity, caller.signal).catch((error: unknown) => error);
    const stream = await came;
    const closed = once(stream, 'close');
    caller.abort();
    const error = await outcome;
    assert.ok(error instanceof RpcError && error.code === Status.cancelled, String(error));
    await closed;
    answerWith(framed('next'), { 'grpc-status': '0' });
    assert.equal(await call(), 'next');
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import * as fc from 'fast-check';
import type { Connection } from '../../../src/kv/http2/connection.ts';
import { TestServer, answered, bodyOf, notAnswered, send } from './test-server.ts';

const MEBIBYTE = 1024 * 1024;

/** Answers with what was sent. */
async function echo(stream: ServerHttp2Stream): Promise<void> {
  const body = await bodyOf(stream);
  stream.respond({ ':status': 200 }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ bytes: String(body.length) }));
  stream.end(body);
}

describe('an HTTP/2 connection', () => {
  let server: TestServer;
  let connection: Connection;

  afterEach(() => {
    connection?.close();
    server?.close();
  });

  it('carries bodies of any size both ways, many at a time', async () => {
    server = await TestServer.start((stream) => void echo(stream));
    connection = await server.connect();
    const sizes = [0, 1, 16_384, 16_385, 65_535, 65_536, 100_000, MEBIBYTE, 5 * MEBIBYTE + 7];
    const bodies = sizes.map((size) => Buffer.alloc(size, `of ${size} `));
    const all = [...bodies, ...bodies.toReversed()];
    const answers = await Promise.all(all.map((body) => answered(send(connection, '/', body))));
    for (const [index, { headers, body, trailers }] of answers.entries()) {
      assert.equal(headers.get(':status'), '200');
      assert.ok(all[index]?.equals(body), `the body of ${all[index]?.length} bytes`);
      assert.equal(trailers.get('bytes'), String(all[index]?.length));
    }
  });

  it('takes frames that are padded', async () => {
    const options = { paddingStrategy: constants.PADDING_STRATEGY_MAX };
    server = await TestServer.start((stream) => void echo(stream), options);
    connection = await server.connect();
    const body = Buffer.alloc(100_000, 'padded');
    const { headers, body: back } = await answered(send(connection, '/', body));
    assert.equal(headers.get(':status'), '200');
    assert.ok(back.equals(body));
  });

  it('keeps to a small window that the server changes while requests are under way', async () => {
    server = await TestServer.start((stream) => void echo(stream), {
      settings: { initialWindowSize: 100 },
    });
    connection = await server.connect();
    const body = Buffer.alloc(50_000, 'abc');
    const sent = [send(connection, '/', body), send(connection, '/', body)];
    for (const initialWindowSize of [7, 0, 30_000]) {
      const [session] = server.sessions;
      await new Promise((resolve) => session?.settings({ initialWindowSize }, resolve));
    }
    for (const one of sent) assert.ok((await answered(one)).body.equals(body));
  });

  it('reads whatever fields a server may send', async () => {
    let fields: Record<string, string> = {};
    server = await TestServer.start((stream) => {
      stream.respond({ ':status': 200, ...fields }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(fields));
      stream.end();
    });
    connection = await server.connect();
    const printable = Array.from({ length: 0xff - 0x20 + 1 }, (_, at) =>
      String.fromCharCode(0x20 + at),
    ).filter((character) => character !== '\x7f');
    const value = fc
      .array(fc.constantFrom(...printable), { maxLength: 300 })
      .map((characters) => characters.join('').trim());
    const name = fc.stringMatching(/^x-[a-z0-9-]{1,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value, { maxKeys: 8 }), async (dictionary) => {
        fields = { 'x-all': printable.join('').trim(), ...dictionary };
        const { headers, trailers } = await answered(send(connection, '/'));
        for (const [key, expected] of Object.entries(fields)) {
          assert.equal(headers.get(key), expected);
          assert.equal(trailers.get(key), expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads a header block of several frames', async () => {
    const large = 'v'.repeat(30_000);
    server = await TestServer.start((stream) => {
      stream.respond({ ':status': 200, large });
      stream.end('x');
    });
    connection = await server.connect();
    assert.equal((await answered(send(connection, '/'))).headers.get('large'), large);
  });

  it('has no more requests under way than the server takes', async () => {
    let under = 0;
    let most = 0;
    server = await TestServer.start(
      (stream) => {
        most = Math.max(most, (under += 1));
        setImmediate(() => {
          under -= 1;
          void echo(stream);
        });
      },
      { settings: { maxConcurrentStreams: 3 } },
    );
    connection = await server.connect();
    const sent = Array.from({ length: 20 }, () => send(connection, '/'));
    sent[19]?.takeBack();
    await Promise.all(sent.slice(0, 19).map(answered));
    assert.ok(most <= 3, `${most} at a time`);
  });

  it('waits with requests until the server takes any', async () => {
    server = await TestServer.start((stream) => void echo(stream), {
      settings: { maxConcurrentStreams: 0 },
    });
    connection = await server.connect();
    const [first, second] = [send(connection, '/'), send(connection, '/')];
    server.sessions[0]?.settings({ maxConcurrentStreams: 1 });
    assert.equal((await answered(first)).body.length, 5);
    assert.equal((await answered(second)).body.length, 5);
  });

  it('tells requests that the server did not do from those that it may have done', async () => {
    server = await TestServer.start((stream, headers, session) => {
      const path = headers[':path'];
      if (path === '/refused') stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else if (path === '/failed') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else session.destroy();
    });
    connection = await server.connect();
    const refused = await notAnswered(send(connection, '/refused'));
    assert.equal(refused.reached, false);
    const failed = await notAnswered(send(connection, '/failed'));
    assert.equal(failed.reached, true);
    assert.match(failed.message, /INTERNAL_ERROR/);
    assert.equal((await notAnswered(send(connection, '/cut'))).reached, true);
    assert.equal(connection.usable, false);
    assert.equal((await notAnswered(send(connection, '/late'))).reached, false);
  });

  it('of which the server takes no more lets those under way end, and says of others that nothing was done', async () => {
    const held: ServerHttp2Stream[] = [];
    const { promise: both, resolve: haveBoth } = Promise.withResolvers<void>();
    server = await TestServer.start((stream) => {
      if (held.push(stream) === 2) haveBoth();
    });
    const { promise: unusable, resolve: onUnusable } = Promise.withResolvers<void>();
    connection = await server.connect(onUnusable);
    const [first, second] = [send(connection, '/'), send(connection, '/')];
    await both;
    server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1);
    await unusable;
    assert.equal((await notAnswered(second)).reached, false);
    assert.equal((await notAnswered(send(connection, '/'))).reached, false);
    held[0]?.respond({ ':status': 200 });
    held[0]?.end('done');
    assert.equal((await answered(first)).body.toString(), 'done');
  });

  it('gets an answer that comes before all was sent', async () => {
    server = await TestServer.start((stream) => {
      stream.respond({ ':status': 413 }, { endStream: true });
    });
    connection = await server.connect();
    const { headers } = await answered(send(connection, '/', Buffer.alloc(MEBIBYTE)));
    assert.equal(headers.get(':status'), '413');
  });

  it('tells the server of a request that is taken back, and goes on', async () => {
    const { promise: came, resolve: onCame } = Promise.withResolvers<ServerHttp2Stream>();
    server = await TestServer.start((stream, headers) => {
      if (headers[':path'] === '/long') onCame(stream);
      else void echo(stream);
    });
    connection = await server.connect();
    const long = send(connection, '/long');
    void long.outcome.then(() => assert.fail('told of what it had taken back'));
    const stream = await came;
    const closed = once(stream, 'close');
    long.takeBack();
    await closed;
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
    assert.equal((await answered(send(connection, '/'))).body.length, 5);
  });

  it('that is retired ends with the last request', async () => {
    const { promise: came, resolve: onCame } = Promise.withResolvers<ServerHttp2Stream>();
    server = await TestServer.start((stream) => onCame(stream));
    connection = await server.connect();
    const last = send(connection, '/');
    const stream = await came;
    const closed = new Promise((resolve) => stream.session?.on('close', resolve));
    connection.retire();
    assert.equal(connection.usable, false);
    stream.respond({ ':status': 200 });
    stream.end('x');
    assert.equal((await answered(last)).body.toString(), 'x');
    await closed;
  });
});

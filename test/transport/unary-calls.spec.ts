import assert from 'node:assert/strict';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import type { CancelSignal } from '../../src/cancel-signal.ts';
import { WasmstateError } from '../../src/error.ts';
import type { UnaryHandler } from '../../src/service/state-store.ts';
import { ByteStore } from './byte-store.ts';
import { HEAD, ask, framed, rawClient } from './raw-client.ts';

const message = Buffer.from('a message');
const echo: UnaryHandler = (request) => Uint8Array.from(request);

describe('a unary call', () => {
  let store: ByteStore;

  const serve = async (handler: UnaryHandler, maxRequest?: number) => {
    store = await ByteStore.start(handler, maxRequest);
    return rawClient(store.connect());
  };
  afterEach(() => store[Symbol.asyncDispose]());

  it('is the same in whatever parts it comes', async () => {
    const client = await serve(echo);
    const whole = framed(message);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const parts = [whole.subarray(0, cut), whole.subarray(cut)];
      const { code, body } = await ask(client, parts);
      assert.deepEqual([code, body], ['0', whole], `cut at ${cut}`);
    }
    const bytes = Array.from(whole, (byte) => Uint8Array.of(byte));
    assert.deepEqual((await ask(client, bytes)).body, whole);
  });

  it('takes one message, neither none nor two', async () => {
    const client = await serve(echo);
    const none = await ask(client, []);
    assert.deepEqual(
      [none.code, none.message],
      ['12', 'a unary method takes one request message, not none'],
    );
    const two = await ask(client, [framed(message), framed(message)]);
    assert.deepEqual(
      [two.code, two.message],
      ['12', 'a unary method takes one request message, not more'],
    );
    const cut = await ask(client, [framed(message).subarray(0, 8)]);
    assert.equal(cut.code, '13');
  });

  it('is refused by its announced length, before the message has come', async () => {
    const client = await serve(echo, 100);
    const stream = client.request(HEAD);
    const answered = once(stream, 'response');
    stream.write(framed(Buffer.alloc(101)).subarray(0, 5));
    const [headers] = (await answered) as [Record<string, string>];
    assert.equal(headers['grpc-status'], '8');
    stream.close();
    assert.equal((await ask(client, [framed(Buffer.alloc(100))])).code, '0');
  });

  it('has the length that it announces', async () => {
    const client = await serve(echo);
    const body = framed(message);
    for (const length of [body.length - 1, body.length + 1]) {
      const head = { 'content-length': String(length) };
      await assert.rejects(ask(client, [body], head), { code: 'ERR_HTTP2_STREAM_ERROR' });
    }
    assert.equal((await ask(client, [body], { 'content-length': String(body.length) })).code, '0');
  });

  it('may be compressed where it says how', async () => {
    const client = await serve(echo);
    const packed = framed(gzipSync(message), 1);
    const unpacked = await ask(client, [packed], { 'grpc-encoding': 'gzip' });
    assert.deepEqual([unpacked.code, unpacked.body], ['0', framed(message)]);
    assert.equal((await ask(client, [packed])).code, '13');
  });

  it('carries error texts in any language', async () => {
    const text = '  не найдено: 100% 🧪\n ';
    const client = await serve(() => {
      throw new WasmstateError('UNAVAILABLE', text);
    });
    const { code, message: received, status } = await ask(client, [framed(message)]);
    assert.deepEqual([status, code, received], [200, '14', text]);
  });

  it('carries error texts that need several frames', async () => {
    const text = '\u{1f9ea}'.repeat(2000);
    const client = await serve(() => {
      throw new WasmstateError('UNAVAILABLE', text);
    });
    assert.equal((await ask(client, [framed(message)])).message, text);
  });

  it('has the time that it says, and names its component', async () => {
    const seen: [string, number][] = [];
    const client = await serve((_, { component, deadline }) => {
      seen.push([component, Math.round((deadline - performance.now()) / 1000)]);
      return new Uint8Array();
    });
    await ask(client, [framed(message)], { 'grpc-timeout': '90S', 'x-component-instance': 'one' });
    await ask(client, [framed(message)], { 'grpc-timeout': '2H' });
    await ask(client, [framed(message)]);
    assert.deepEqual(seen, [
      ['one', 90],
      ['', 7200],
      ['', Infinity],
    ]);
    const wrong = await ask(client, [framed(message)], { 'grpc-timeout': 'soon' });
    assert.notEqual(wrong.code, '0');
  });

  it('ends at its deadline, whatever its handler waits for', async () => {
    let signal: CancelSignal | undefined;
    const client = await serve((_, context) => {
      ({ signal } = context);
      return new Promise(() => undefined);
    });
    const { code } = await ask(client, [framed(message)], { 'grpc-timeout': '50m' });
    assert.equal(code, '4');
    assert.ok(signal?.aborted);
  });

  it('ends at its deadline when its request does not come to an end', async () => {
    const client = await serve(echo);
    for (const part of [framed(message).subarray(0, 8), Buffer.alloc(0)]) {
      const stream = client.request({ ...HEAD, 'grpc-timeout': '30m' });
      stream.on('error', () => undefined);
      const answered = once(stream, 'response');
      if (part.length > 0) stream.write(part);
      const [headers] = (await answered) as [Record<string, string>];
      assert.equal(headers['grpc-status'], '4');
    }
  });

  it('tells its handler when the caller has gone', async () => {
    const running = Promise.withResolvers<CancelSignal | undefined>();
    const client = await serve((_, context) => {
      running.resolve(context.signal);
      return new Promise(() => undefined);
    });
    const stream = client.request(HEAD);
    stream.on('error', () => undefined);
    stream.end(framed(message));
    const signal = await running.promise;
    assert.ok(signal);
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', resolve));
    stream.close(8);
    await aborted;
  });

  it('is refused alone where its head makes no sense to anybody', async () => {
    const client = await serve(echo);
    const odd = { 'grpc-encoding': 'odd', 'grpc-timeout': ['1S', '2S'], 'x-any': ['1', '2'] };
    await ask(client, [framed(message)], { ...odd, ':path': '/nothing/Here' }).catch(
      () => undefined,
    );
    assert.equal((await ask(client, [framed(message)])).code, '0');
  });

  it('is nothing else than a POST of gRPC', async () => {
    const client = await serve(echo);
    const other = await ask(client, [framed(message)], { 'content-type': 'application/json' });
    assert.equal(other.status, 415);
    const nowhere = { ':path': '/nothing/Here', constructor: 'a header like any other' };
    assert.equal((await ask(client, [framed(message)], nowhere)).code, '12');
  });
});

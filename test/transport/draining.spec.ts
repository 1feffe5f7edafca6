import assert from 'node:assert/strict';
import { once } from 'node:events';
import { FrameReader } from '../../src/http2/frame-reader.ts';
import { FLAG, FRAME, PREFACE } from '../../src/http2/frames.ts';
import { ByteStore } from './byte-store.ts';
import { ask, framed, rawClient } from './raw-client.ts';

const message = Buffer.from('a message');

describe('a server that closes', () => {
  it('answers what it took, tells clients to go, and ends the connection', async () => {
    const answer = Promise.withResolvers<Uint8Array>();
    let calls = 0;
    const store = await ByteStore.start((request) => {
      calls += 1;
      return calls === 1 ? answer.promise : Uint8Array.from(request);
    });
    const client = rawClient(store.connect());
    const idle = rawClient(store.connect());
    const closed = Promise.all([once(client, 'close'), once(idle, 'close')]);
    const early = ask(client, [framed(message)]);
    // Requests of one connection are taken in order.
    assert.equal((await ask(client, [framed(message)])).code, '0');
    const leaving = once(client, 'goaway');
    const ended = store.server.close(60_000);
    await leaving;
    answer.resolve(message);
    const { code, body } = await early;
    assert.deepEqual([code, body], ['0', framed(message)]);
    await Promise.all([ended, closed]);
    await store[Symbol.asyncDispose]();
  });

  it('ends the connection of a client that has heard, and leaves that to nobody else', async () => {
    const store = await ByteStore.start(() => message);
    const client = store.connect();
    await once(client, 'connect');
    const lastStreams: number[] = [];
    const reader = new FrameReader((type, flags, _, payload) => {
      if (type === FRAME.GOAWAY) lastStreams.push(payload.readUInt32BE(0));
      if (type === FRAME.PING && (flags & FLAG.ACK) === 0) {
        client.write(Buffer.concat([Buffer.from([0, 0, 8, 6, 1, 0, 0, 0, 0]), payload]));
      }
    });
    client.on('data', (chunk: Buffer) => reader.read(chunk));
    client.write(Buffer.concat([PREFACE, Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]));
    const end = once(client, 'end');
    const closed = store.server.close(60_000);
    await Promise.all([end, closed]);
    assert.deepEqual(lastStreams, [2 ** 31 - 1, 0]);
    await store[Symbol.asyncDispose]();
  });

  it('cuts what takes longer than its grace', async () => {
    const store = await ByteStore.start(() => new Promise(() => undefined));
    const client = rawClient(store.connect());
    const stuck = ask(client, [framed(message)]);
    await once(client, 'remoteSettings');
    const failed = stuck.then(
      ({ code }) => code,
      () => 'cut',
    );
    await store.server.close(50);
    assert.notEqual(await failed, '0');
    await store[Symbol.asyncDispose]();
  });

  it('does not wait for connections on which nobody has spoken', async () => {
    const store = await ByteStore.start(() => message);
    const silent = store.connect();
    await once(silent, 'connect');
    silent.resume();
    // Accepted, as one that came later was answered.
    assert.equal((await ask(rawClient(store.connect()), [framed(message)])).code, '0');
    await store.server.close(60_000);
    await store[Symbol.asyncDispose]();
  });
});

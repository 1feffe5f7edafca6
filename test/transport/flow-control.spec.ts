import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { ByteStore } from './byte-store.ts';
import { HEAD, ask, framed, rawClient } from './raw-client.ts';

const MIB = 1024 ** 2;
const message = Buffer.from('a message');

/** Answers with as many bytes as the request says. */
const sized = (request: Uint8Array): Uint8Array =>
  Buffer.alloc(Number(Buffer.from(request).toString()), 'x');

describe('flow control', () => {
  let store: ByteStore;

  before(async () => (store = await ByteStore.start(sized, 16 * MIB)));
  after(() => store[Symbol.asyncDispose]());

  const get = (client: ClientHttp2Session, size: number) =>
    ask(client, [framed(Buffer.from(String(size)))]);

  for (const initialWindowSize of [1, 1000, 65_535, 16 * MIB]) {
    it(`brings long answers to clients with a window of ${initialWindowSize} bytes`, async () => {
      const client = rawClient(store.connect(), { initialWindowSize });
      const sizes = initialWindowSize === 1 ? [0, 10, 300] : [0, 10, 100_000, 4 * MIB];
      const answers = await Promise.all(sizes.map((size) => get(client, size)));
      assert.deepEqual(
        answers.map(({ code, body }) => [code, body.length]),
        sizes.map((size) => ['0', size + 5]),
      );
      client.close();
    });
  }

  it('lets a client change its mind while an answer waits', async () => {
    const client = rawClient(store.connect(), { initialWindowSize: 10 });
    await once(client, 'connect');
    const waiting = get(client, 100_000);
    client.settings({ initialWindowSize: 1_000_000 });
    assert.equal((await waiting).body.length, 100_005);
    client.close();
  });

  it('does not keep other calls from their answers while one is not read', async () => {
    const client = rawClient(store.connect(), { initialWindowSize: 20_000 });
    const stuck = client.request(HEAD);
    stuck.on('error', () => undefined);
    stuck.end(framed(Buffer.from('30000')));
    await once(stuck, 'response');
    assert.equal((await get(client, 1000)).body.length, 1005);
    stuck.close(8);
    assert.equal((await get(client, 1000)).code, '0');
    client.close();
  });

  it('takes requests that are longer than any window', async () => {
    const client = rawClient(store.connect());
    const long = Buffer.alloc(12 * MIB, ' ');
    long.write('7', 0);
    const answers = await Promise.all([ask(client, [framed(long)]), ask(client, [framed(long)])]);
    for (const { code, body } of answers) assert.deepEqual([code, body.length], ['0', 12]);
    client.close();
  });

  it('brings what another server in the process answers too', async () => {
    const client = rawClient(store.connect(), { initialWindowSize: 1000 });
    const request = framed(gzipSync(Buffer.from('200000')), 1);
    const { code, body } = await ask(client, [request], { 'grpc-encoding': 'gzip' });
    assert.deepEqual([code, body.length], ['0', 200_005]);
    client.close();
  });

  it('stops reading from a client that reads no answers', async () => {
    const client = rawClient(store.connect());
    const silent = store.connect();
    await once(silent, 'connect');
    silent.pause();
    const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, ...message.subarray(0, 8)]);
    silent.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    silent.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    // 34 MB: more than both sides' sockets and the backlog hold.
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping));
    let taken = 0;
    const send = (): void => {
      silent.write(pings, () => {
        taken += 1;
        if (taken < 2000) send();
      });
    };
    send();
    // They are taken until they are not: then nothing changes any more while others are answered.
    let before = -1;
    for (let unchanged = 0; unchanged < 50; unchanged += 1) {
      assert.equal((await get(client, 1)).code, '0');
      if (taken !== before) unchanged = 0;
      before = taken;
    }
    assert.ok(taken < 2000, 'everything was read');
    silent.destroy();
    client.close();
  });
});

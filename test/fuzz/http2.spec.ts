import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { needBuilt } from '../hostile/need-built.ts';
import { NEIGHBOUR_MODULE } from '../hostile/neighbour.ts';
import { MAIN, Server } from '../hostile/server.ts';
import { StoreClient } from '../hostile/store-client.ts';
import { SEED, runs, timeFor } from './effort.ts';

const RUNS = 300;
const PREFACE = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const byte = fc.integer({ min: 0, max: 255 });

/** A frame as RFC 9113 has it, section 4.1, of any type, flags, stream and content. */
const frame = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 10 }), byte),
    byte,
    fc.oneof(fc.integer({ min: 0, max: 7 }), fc.nat()),
    fc.uint8Array({ maxLength: 60 }),
    // What the length says more or less than there is.
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -5, max: 70_000 }) },
    ),
  )
  .map(([type, flags, stream, content, lie]) => {
    const length = Math.max(0, content.length + lie);
    const head = Buffer.alloc(9);
    head.writeUIntBE(length, 0, 3);
    head.set([type, flags], 3);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, content]);
  });

const SETTINGS = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
const speech = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .array(frame, { maxLength: 12 })

    .map((frames) => Buffer.concat([PREFACE, SETTINGS, ...frames])),
);

/** Says something to a socket, hangs up, and waits until the other side has done so too. */
async function say(path: string, bytes: Uint8Array, abruptly: boolean): Promise<void> {
  const socket = connect(path);
  socket.on('error', () => {});
  socket.resume();
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  await new Promise((resolve) => {
    socket.write(bytes, resolve);
  });
  if (abruptly) socket.destroy();
  else socket.end();
  await closed;
}

describe('random bytes on the socket', () => {
  const server = new Server();

  before(async function start() {
    this.timeout(60_000);
    needBuilt(this, MAIN, NEIGHBOUR_MODULE);
    server.add('memory', readFileSync(NEIGHBOUR_MODULE), '');
    await server.start();
  });

  after(() => server[Symbol.asyncDispose]());

  it('disturb nobody on another connection', async () => {
    const path = server.socket('memory');
    using client = new StoreClient(path);
    await client.init();
    await client.set('key', 'value');
    await fc.assert(
      fc.asyncProperty(speech, fc.boolean(), async (bytes, abruptly) => {
        await say(path, bytes, abruptly);
        assert.deepEqual(await client.get('key'), { code: 'OK', message: '', data: 'value' });
      }),
      { seed: SEED, numRuns: runs(RUNS) },
    );
    assert(server.running);
    const errors = server.log.filter(({ level }) => level === 'error');
    assert.deepEqual(errors, []);
  }).timeout(timeFor(RUNS));
});

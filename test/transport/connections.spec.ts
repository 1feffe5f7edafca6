import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ERROR } from '../../src/http2/errors.ts';
import { FLAG, FRAME, PREFACE } from '../../src/http2/frames.ts';
import { FrameReader } from '../../src/http2/frame-reader.ts';
import { encodeFields } from '../../src/http2/hpack/encoder.ts';
import { frame, settingsFrame } from '../http2/frame.ts';
import { ByteStore, PATH } from './byte-store.ts';
import { HEAD, framed, rawClient } from './raw-client.ts';

const message = Buffer.from('a message');
const head = encodeFields([
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', PATH],
  [':authority', 'localhost'],
  ['content-type', 'application/grpc'],
]);

describe('a connection', () => {
  let store: ByteStore;
  before(async () => (store = await ByteStore.start((request) => Uint8Array.from(request), 100)));
  after(() => store[Symbol.asyncDispose]());

  /** Says these frames, and gives the first that comes back of which `wanted` holds. */
  const firstOf = async (
    frames: readonly Buffer[],
    wanted: (type: number, stream: number) => boolean,
  ): Promise<{ type: number; payload: Buffer }> => {
    const socket: Socket = store.connect();
    const { promise, resolve } = Promise.withResolvers<{ type: number; payload: Buffer }>();
    const reader = new FrameReader((type, _, stream, payload) => {
      if (type === FRAME.GOAWAY || wanted(type, stream)) resolve({ type, payload });
    }, undefined);
    socket.on('data', (chunk: Buffer) => reader.read(chunk));
    socket.write(Buffer.concat([PREFACE, settingsFrame([]), ...frames]));
    try {
      return await promise;
    } finally {
      socket.destroy();
    }
  };

  it('goes on when trailers come for a request that was answered before its end', async () => {
    const tooLong = framed(Buffer.alloc(101)).subarray(0, 5);
    const found = await firstOf(
      [
        frame(FRAME.HEADERS, FLAG.END_HEADERS, 1, head),
        frame(FRAME.DATA, 0, 1, tooLong),
        frame(
          FRAME.HEADERS,
          FLAG.END_HEADERS | FLAG.END_STREAM,
          1,
          encodeFields([['a-trailer', '1']]),
        ),
        frame(FRAME.HEADERS, FLAG.END_HEADERS, 3, head),
        frame(FRAME.DATA, FLAG.END_STREAM, 3, framed(message)),
      ],
      (type, stream) => type === FRAME.DATA && stream === 3,
    );
    assert.deepEqual([found.type, found.payload], [FRAME.DATA, framed(message)]);
  });

  it('takes settings that change a few times, and ends with a client that does little else', async () => {
    const settings = (count: number): Buffer[] =>
      Array.from({ length: count }, (_, index) => settingsFrame([[4, 65_535 + index]]));
    const request = [
      frame(FRAME.HEADERS, FLAG.END_HEADERS, 1, head),
      frame(FRAME.DATA, FLAG.END_STREAM, 1, framed(message)),
    ];
    const isAnswer = (type: number): boolean => type === FRAME.DATA;
    assert.equal((await firstOf([...settings(20), ...request], isAnswer)).type, FRAME.DATA);
    const { type, payload } = await firstOf([...settings(100), ...request], isAnswer);
    assert.equal(type, FRAME.GOAWAY);
    assert.equal(payload.readUInt32BE(4), ERROR.ENHANCE_YOUR_CALM);
  });

  it('that calls grpc-js off too often harms no other', async () => {
    const watched = { ...HEAD, ':path': '/grpc.health.v1.Health/Watch' };
    const patient = rawClient(store.connect());
    const watching = patient.request(watched);
    watching.on('error', () => undefined);
    watching.end(framed(Buffer.alloc(0)));
    await once(watching, 'data');
    const hasty = rawClient(store.connect());
    for (let count = 0; count < 3000; count += 1) {
      const stream = hasty.request(watched);
      stream.on('error', () => undefined);
      stream.end(framed(Buffer.alloc(0)));
      await new Promise((resolve) => setImmediate(resolve));
      stream.close(ERROR.CANCEL);
      // Now and then all of them are to be heard of before they are called off.
      if (count % 50 === 0) await once(stream, 'close');
    }
    const check = patient.request({ ...HEAD, ':path': '/grpc.health.v1.Health/Check' });
    check.end(framed(Buffer.alloc(0)));
    await once(check, 'data');
    assert.equal(watching.closed, false);
    watching.close();
    patient.close();
    hasty.close();
  });
});

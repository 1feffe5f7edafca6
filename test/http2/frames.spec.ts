import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Http2Fault } from '../../src/http2/errors.ts';
import { requireForm, unpadded } from '../../src/http2/frame-form.ts';
import { FrameReader } from '../../src/http2/frame-reader.ts';
import { FRAME, PREFACE } from '../../src/http2/frames.ts';
import { HeaderBlocks } from '../../src/http2/header-blocks.ts';
import { Input } from '../../src/http2/input.ts';
import { frame, settingsFrame, written } from './frame.ts';

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

const byte = fc.integer({ min: 0, max: 255 });
const anyFrame: fc.Arbitrary<Frame> = fc.record(
  {
    type: byte,
    flags: byte,
    stream: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    payload: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

describe('frames', () => {
  it('come out as they were written, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (frames, places) => {
          const all = Buffer.concat(
            frames.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)),
          );
          for (const preface of [undefined, PREFACE]) {
            const bytes = preface === undefined ? all : Buffer.concat([preface, all]);
            const cuts = [...new Set(places.map((place) => place % bytes.length))];
            cuts.sort((a, b) => a - b);
            const read: Frame[] = [];
            const reader = new FrameReader((type, flags, stream, payload) => {
              read.push({ type, flags, stream, payload: Buffer.from(payload) });
            }, preface);
            for (const [index, from] of [0, ...cuts].entries()) {
              reader.read(bytes.subarray(from, cuts[index]));
            }
            assert.deepEqual(read, frames);
          }
        },
      ),
    );
  });

  it('are refused where they are larger than was agreed', () => {
    const reader = new FrameReader(() => assert.fail('it was taken'));
    const large = frame(0, 0, 1, Buffer.alloc(16_385));
    assert.throws(() => reader.read(large), Http2Fault);
  });

  it('are refused from who does not begin as a client does', () => {
    const reader = new FrameReader(() => assert.fail('it was taken'), PREFACE);
    reader.read(PREFACE.subarray(0, 10));
    assert.throws(() => reader.read(Buffer.from('GET')), Http2Fault);
  });

  it('are refused with more padding than bytes', () => {
    assert.equal(unpadded(8, Buffer.from([2, 7, 0, 0])).toString('hex'), '07');
    assert.throws(() => unpadded(8, Buffer.from([3, 0, 0])), Http2Fault);
    assert.throws(() => unpadded(8, Buffer.alloc(0)), Http2Fault);
  });

  it('of one header block stand together, and end', () => {
    let whole = 0;
    const blocks = new HeaderBlocks(65_536, 0, () => (whole += 1));
    assert.throws(() => blocks.take(9, 4, 1, Buffer.from('88', 'hex')), /stray CONTINUATION/);
    blocks.take(1, 0, 1, Buffer.from('88', 'hex'));
    assert.equal(whole, 0);
    assert.throws(() => blocks.expect(0), /another frame/);
    assert.throws(() => blocks.take(9, 4, 3, Buffer.alloc(0)), /stray CONTINUATION/);
    const endless = (): void => {
      for (let count = 0; count < 5; count += 1) blocks.take(9, 0, 1, Buffer.alloc(16_384));
    };
    assert.throws(endless, /a huge header/);
  });

  it('of a header block without content end too', () => {
    const blocks = new HeaderBlocks(65_536, 0, () => assert.fail('it was taken'));
    blocks.take(1, 0, 1, Buffer.alloc(0));
    const endless = (): void => {
      for (let count = 0; count < 10_000; count += 1) blocks.take(9, 0, 1, Buffer.alloc(0));
    };
    assert.throws(endless, /a huge header/);
  });

  it('of a long header block are as long as frames may be', () => {
    const block = Buffer.from([0, 1, 0x61, 0x7f, 0xa0, 0x9b, 2, ...Buffer.alloc(40_000 - 49, 'v')]);
    const large = Buffer.concat([Buffer.of(0x88), block]);
    const types: number[] = [];
    new FrameReader((type) => types.push(type)).read(
      written((output) => output.headers(1, large, true)),
    );
    assert.deepEqual(types, [FRAME.HEADERS, FRAME.CONTINUATION, FRAME.CONTINUATION]);
  });

  it('begin with SETTINGS', () => {
    const input = (): Input =>
      new Input({ maxFields: 65_536, tableSize: 0, onFrame: () => 0, onHeaders: () => 0 });
    assert.throws(() => input().read(frame(FRAME.PING, 0, 0, Buffer.alloc(8))), /no SETTINGS/);
    assert.throws(() => input().read(frame(FRAME.SETTINGS, 1, 0)), /no SETTINGS/);
    input().read(settingsFrame([]));
  });

  // Type, flags, stream and bytes (RFC 9113, section 6).
  const malformed: [string, number, number, number, number][] = [
    ['DATA on no stream', FRAME.DATA, 0, 0, 1],
    ['HEADERS on no stream', FRAME.HEADERS, 4, 0, 1],
    ['a short PRIORITY', FRAME.PRIORITY, 0, 1, 4],
    ['a PRIORITY on no stream', FRAME.PRIORITY, 0, 0, 5],
    ['a short RST_STREAM', FRAME.RST_STREAM, 0, 1, 3],
    ['a RST_STREAM on no stream', FRAME.RST_STREAM, 0, 0, 4],
    ['SETTINGS on a stream', FRAME.SETTINGS, 0, 1, 0],
    ['half a setting', FRAME.SETTINGS, 0, 0, 3],
    ['an acknowledgement with settings', FRAME.SETTINGS, 1, 0, 6],
    ['a push', FRAME.PUSH_PROMISE, 4, 1, 4],
    ['a PING on a stream', FRAME.PING, 0, 1, 8],
    ['a long PING', FRAME.PING, 0, 0, 9],
    ['a GOAWAY on a stream', FRAME.GOAWAY, 0, 1, 8],
    ['a short GOAWAY', FRAME.GOAWAY, 0, 0, 7],
    ['a short WINDOW_UPDATE', FRAME.WINDOW_UPDATE, 0, 0, 3],
  ];
  for (const [what, type, flags, stream, size] of malformed) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => requireForm(type, flags, stream, Buffer.alloc(size)), Http2Fault);
    });
  }

  it('of types that nobody knows are let through', () => {
    requireForm(200, 255, 7, Buffer.alloc(3));
  });
});

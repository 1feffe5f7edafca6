import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FrameReader, frame, withoutPadding } from '../../../src/kv/http2/frames.ts';
import { HeaderBlocks } from '../../../src/kv/http2/header-blocks.ts';
import { Http2Fault } from '../../../src/kv/http2/http2-fault.ts';

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
          const cuts = [...new Set(places.map((place) => place % all.length))];
          cuts.sort((a, b) => a - b);
          const reader = new FrameReader();
          const read: Frame[] = [];
          for (const [index, from] of [0, ...cuts].entries()) {
            reader.read(all.subarray(from, cuts[index]), (type, flags, stream, payload) => {
              read.push({ type, flags, stream, payload: Buffer.from(payload) });
            });
          }
          assert.deepEqual(read, frames);
        },
      ),
    );
  });

  it('are refused where they are larger than was agreed', () => {
    const reader = new FrameReader();
    const large = frame(0, 0, 1, Buffer.alloc(16_385));
    assert.throws(() => reader.read(large, () => assert.fail('it was taken')), Http2Fault);
  });

  it('are refused with more padding than bytes', () => {
    assert.equal(withoutPadding(8, Buffer.from([2, 7, 0, 0])).toString('hex'), '07');
    assert.throws(() => withoutPadding(8, Buffer.from([3, 0, 0])), Http2Fault);
    assert.throws(() => withoutPadding(8, Buffer.alloc(0)), Http2Fault);
  });

  it('of one header block stand together, and end', () => {
    const blocks = new HeaderBlocks();
    assert.throws(() => blocks.take(9, 4, 1, Buffer.from('88', 'hex')), /stray CONTINUATION/);
    assert.equal(blocks.take(1, 0, 1, Buffer.from('88', 'hex')), undefined);
    assert.throws(() => blocks.expect(0), /another frame/);
    assert.throws(() => blocks.take(9, 4, 3, Buffer.alloc(0)), /stray CONTINUATION/);
    const endless = (): void => {
      for (let count = 0; count < 5; count += 1) blocks.take(9, 0, 1, Buffer.alloc(16_384));
    };
    assert.throws(endless, /a huge header/);
  });
});

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Http2Fault } from '../../src/http2/errors.ts';
import { FlowControl } from '../../src/http2/flow-control.ts';
import { FrameReader } from '../../src/http2/frame-reader.ts';
import { FLAG } from '../../src/http2/frames.ts';
import { DEFAULT_WINDOW } from '../../src/http2/window.ts';
import { written } from './frame.ts';

class Sending {
  readonly id: number;
  window = DEFAULT_WINDOW;
  unsent: Uint8Array;
  granted = DEFAULT_WINDOW;
  sent = 0;

  constructor(id: number, size: number) {
    this.id = id;
    this.unsent = Buffer.alloc(size, id);
  }
}

const SIZES = [0, 1, 16_384, 65_535, 100_000, 250_000];
const size = fc.integer({ min: 1, max: 80_000 });
/** The other side's settings, and its window updates for the connection (0) and the streams. */
const words = fc.array(
  fc.oneof(fc.record({ setting: size }), fc.record({ of: fc.nat(SIZES.length), increment: size })),
  { maxLength: 20 },
);

describe('flow control', () => {
  it('sends all, in order, and never more than the other side takes', () => {
    fc.assert(
      fc.property(words, (all) => {
        const streams = SIZES.map((its, index) => new Sending(2 * index + 1, its));
        let granted = DEFAULT_WINDOW;
        let initial = DEFAULT_WINDOW;
        const bytes = written((output) => {
          const flow = new FlowControl<Sending>(output, (stream) => {
            if (stream.unsent.length > 0) send(stream);
          });
          const send = (stream: Sending): void => {
            stream.unsent = flow.send(stream, stream.unsent, true);
            const sent = (SIZES[(stream.id - 1) / 2] ?? 0) - stream.unsent.length;
            assert.ok(sent === stream.sent || sent <= stream.granted, `${sent} of a stream`);
            stream.sent = sent;
            const together = streams.reduce((sum, each) => sum + each.sent, 0);
            assert.ok(together <= granted, `${together} of all`);
          };
          const widen = (of: number, increment: number): void => {
            const stream = streams[of - 1];
            if (stream === undefined) {
              granted += increment;
              flow.widen(increment);
            } else {
              stream.granted += increment;
              flow.widenStream(stream, increment);
            }
          };
          streams.forEach(send);
          for (const word of all) {
            if ('setting' in word) {
              for (const stream of streams) stream.granted += word.setting - initial;
              initial = word.setting;
              flow.setInitialWindow(initial, streams);
              assert.equal(flow.initialWindow, initial);
            } else widen(word.of, word.increment);
          }
          for (const of of streams.keys()) widen(of + 1, 1_000_000);
          widen(0, 1_000_000);
        });
        const read = streams.map(() => 0);
        new FrameReader((_, flags, id, payload) => {
          assert.ok(payload.every((byte) => byte === id));
          const index = (id - 1) / 2;
          read[index] = (read[index] ?? 0) + payload.length;
          assert.equal((flags & FLAG.END_STREAM) !== 0, read[index] === SIZES[index]);
        }).read(bytes);
        assert.deepEqual(read, SIZES);
      }),
      { seed: 1 },
    );
  });

  it('is broken off by a window that is too wide', () => {
    written((output) => {
      const flow = new FlowControl<Sending>(output, () => undefined);
      const stream = new Sending(1, 0);
      const most = 2 ** 31 - 1;
      assert.throws(() => flow.widen(most - DEFAULT_WINDOW + 1), Http2Fault);
      flow.widen(most - DEFAULT_WINDOW);
      assert.throws(() => flow.widen(1), Http2Fault);
      flow.widenStream(stream, most - DEFAULT_WINDOW);
      assert.throws(() => flow.setInitialWindow(DEFAULT_WINDOW + 1, [stream]), Http2Fault);
    });
  });
});

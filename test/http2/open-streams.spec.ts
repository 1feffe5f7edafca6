import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { OpenStreams } from '../../src/http2/open-streams.ts';

interface Stream {
  readonly id: number;
}

describe('the streams that are open', () => {
  it('are found by their numbers, whichever of them have gone', () => {
    const actions = fc.array(fc.record({ opens: fc.boolean(), which: fc.nat() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(actions, (all) => {
        const streams = new OpenStreams<Stream>();
        const expected = new Map<number, Stream>();
        let last = -1;
        for (const { opens, which } of all) {
          if (opens || expected.size === 0) {
            const stream = { id: (last += 2 + 2 * (which % 3)) };
            streams.add(stream);
            expected.set(stream.id, stream);
          } else {
            const stream = [...expected.values()][which % expected.size];
            assert.ok(stream !== undefined && streams.delete(stream));
            assert.ok(!streams.delete(stream), 'it has gone');
            expected.delete(stream.id);
          }
          assert.equal(streams.size, expected.size);
          assert.deepEqual(streams.all, [...expected.values()]);
          for (let id = 0; id <= last + 2; id += 1) assert.equal(streams.get(id), expected.get(id));
        }
        assert.equal(streams.clear().length, expected.size);
        assert.equal(streams.size, 0);
      }),
      { seed: 1 },
    );
  });
});

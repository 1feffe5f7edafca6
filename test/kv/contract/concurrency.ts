import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { hasVersion, isAbsent, put } from '../client.ts';
import type { Bench } from './bench.ts';

export function describeConcurrency(on: Bench): void {
  describe('many at a time', () => {
    it('loses no increment of 16 writers that compare versions', async () => {
      await on.kv.commit([put('n', '0')]);
      const increment = async (): Promise<void> => {
        for (;;) {
          const [entry] = await on.kv.get('n');
          if (entry === undefined) throw new Error('n is gone');
          const { failedCheck, error } = await on.kv.tryCommit(
            [put('n', String(Number(entry.value.toString()) + 1))],
            [hasVersion('n', entry.version)],
          );
          assert.equal(error, undefined);
          if (failedCheck === undefined) return;
        }
      };
      const writer = async (): Promise<void> => {
        for (let index = 0; index < 10; index += 1) await increment();
      };
      await Promise.all(Array.from({ length: 16 }, writer));
      assert.equal(await on.kv.text('n'), '160');
    });

    it('shows commits wholly or not at all', async () => {
      await on.kv.commit([put('a', '0'), put('b', '0')]);
      const versions: bigint[] = [];
      const write = async (from: number): Promise<void> => {
        for (let index = 0; index < 20; index += 1) {
          const value = `${from}.${index}`;
          versions.push(await on.kv.commit([put('a', value), put('b', value)]));
        }
      };
      const writing = { done: false };
      const written = Promise.all([write(1), write(2), write(3)]).then(() => (writing.done = true));
      while (!writing.done) {
        await turn();
        const [a, b] = await on.kv.get('a', 'b');
        assert.deepEqual(a, b);
        const { entries } = await on.kv.tryScan({});
        assert.deepEqual(entries[0]?.value, entries[1]?.value);
      }
      await written;
      assert.equal(new Set(versions).size, 60);
    });

    it('lets exactly one of many create a key', async () => {
      const tries = Array.from({ length: 24 }, (_, index) =>
        on.kv.tryCommit([put('one', String(index))], [isAbsent('one')]),
      );
      const won = (await Promise.all(tries)).filter(({ failedCheck }) => failedCheck === undefined);
      assert.equal(won.length, 1);
    });
  });
}

import assert from 'node:assert/strict';
import { bytes, type Client, faultOf, put, remove } from '../client.ts';
import { type Bench, untilPast } from './bench.ts';

export function describeScans(on: Bench): void {
  describe('scan', () => {
    const odd = [
      [],
      [0],
      [0, 0],
      [0, 1],
      [1],
      [0x61],
      [0x61, 0],
      [0x61, 0xff],
      [0x62],
      [0x7f],
      [0x80],
      [0xff],
      [0xff, 0],
      [0xff, 0xff],
    ];

    it('goes in the order of bytes', async () => {
      const keys = odd.map((key) => Uint8Array.from(key));
      await on.kv.commit(keys.toReversed().map((key) => put(key, key)));
      const entries = await on.kv.entries();
      assert.deepEqual(
        entries.map(({ key, value }) => [[...key], [...value]]),
        odd.map((key) => [key, key]),
      );
    });

    it('keeps to prefix, start and end', async () => {
      await on.kv.commit(odd.map((key) => put(Uint8Array.from(key), 'x')));
      const of = async (options: Parameters<Client['keys']>[0]): Promise<string[]> =>
        on.kv.keys(options);
      assert.deepEqual(await of({ prefix: 'a' }), ['a', 'a\u0000', 'aÿ']);
      assert.deepEqual(await of({ prefix: 'a', start: 'a\u0000' }), ['a\u0000', 'aÿ']);
      assert.deepEqual(await of({ prefix: 'a', end: 'a\u0000' }), ['a']);
      assert.deepEqual(await of({ start: 'a', end: 'b' }), ['a', 'a\u0000', 'aÿ']);
      assert.deepEqual(await of({ prefix: Uint8Array.of(0xff) }), ['ÿ', 'ÿ\u0000', 'ÿÿ']);
      assert.deepEqual(await of({ prefix: Uint8Array.of(0xff, 0xff) }), ['ÿÿ']);
      assert.deepEqual(await of({ start: Uint8Array.of(0xff, 1) }), ['ÿÿ']);
      assert.deepEqual(await of({ start: 'b', end: 'a' }), []);
      assert.deepEqual(await of({ prefix: 'b', end: 'a' }), []);
      assert.deepEqual(await of({ prefix: 'zz' }), []);
      assert.deepEqual(await of({ end: Uint8Array.of(0, 0) }), ['', '\u0000']);
    });

    it('pages by limit, and says where there is no more', async () => {
      await on.kv.commit(['a', 'b', 'c', 'd', 'e'].map((key) => put(key, key)));
      const first = await on.kv.tryScan({ limit: 2 });
      assert.deepEqual(
        first.entries.map(({ key }) => key.toString()),
        ['a', 'b'],
      );
      const second = await on.kv.tryScan({ limit: 2, cursor: first.cursor });
      assert.deepEqual(
        second.entries.map(({ key }) => key.toString()),
        ['c', 'd'],
      );
      const third = await on.kv.tryScan({ limit: 2, cursor: second.cursor });
      assert.deepEqual(
        third.entries.map(({ key }) => key.toString()),
        ['e'],
      );
      assert.equal(third.cursor.length, 0);
    });

    it('meets every key that stays exactly once, whatever is written between pages', async () => {
      const stay = Array.from({ length: 40 }, (_, index) => `s${String(index).padStart(3, '0')}`);
      await on.kv.commit(stay.flatMap((key) => [put(key, '1'), put(`${key}x`, '1')]));
      const met: string[] = [];
      let cursor: Uint8Array = Buffer.alloc(0);
      for (let page = 0; ; page += 1) {
        const { entries, cursor: next } = await on.kv.tryScan({ limit: 7, cursor });
        met.push(...entries.map(({ key }) => key.toString()).filter((key) => !key.endsWith('x')));
        if (next.length === 0) break;
        cursor = next;
        const writes = stay.filter((_, index) => index % 3 === page % 3);
        await on.kv.commit(
          writes.flatMap((key) => [remove(`${key}x`), put(`${key}-${page}x`, '2'), put(key, '2')]),
        );
      }
      assert.deepEqual(met, stay);
    });

    it('leaves values out when asked to', async () => {
      const version = await on.kv.commit([put('a', 'value')]);
      const { entries } = await on.kv.tryScan({ keysOnly: true });
      assert.deepEqual(entries, [
        { key: bytes('a'), value: Buffer.alloc(0), version, expiresAt: 0n },
      ]);
    });

    it('refuses a cursor that no page of it returned', async () => {
      await on.kv.commit([put('a', '1')]);
      const response = await on.kv.tryScan({ prefix: 'a', cursor: bytes('b') });
      assert.equal(faultOf(response), 'INVALID_ARGUMENT');
    });

    it('bounds what one page holds, whatever the limit', async () => {
      const value = Buffer.alloc(100_000, 7);
      for (let index = 0; index < 30; index += 10) {
        await on.kv.commit(Array.from({ length: 10 }, (_, n) => put(`k${index + n}`, value)));
      }
      const page = await on.kv.tryScan({ limit: 1000 });
      assert.ok(page.entries.length < 30 && page.cursor.length > 0, `${page.entries.length}`);
      assert.equal((await on.kv.keys({ limit: 1000 })).length, 30);
    });

    it('walks through many keys, expired ones among them', async () => {
      const size = Math.min(100, on.kv.keyspace.limits.commitOperations);
      const keys = Array.from(
        { length: 2500 },
        (_, index) => `key-${String(index).padStart(5, '0')}`,
      );
      for (let from = 0; from < keys.length; from += size) {
        await on.kv.commit(
          keys
            .slice(from, from + size)
            .map((key, index) => put(key, key, index % 10 === 3 ? 1 : 0)),
        );
      }
      await untilPast(BigInt(Date.now() + 1));
      const expected = keys.filter((_, index) => (index % size) % 10 !== 3);
      assert.deepEqual(await on.kv.keys(), expected);
      assert.deepEqual(await on.kv.keys({ limit: 999, keysOnly: true }), expected);
    });
  });
}

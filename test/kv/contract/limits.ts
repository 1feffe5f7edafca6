import assert from 'node:assert/strict';
import { LimitsResponse } from '../../../src/gen/wasmstate/kv/v1/kv.ts';
import { dispatchKv } from '../../../src/kv/dispatch.ts';
import { faultOf, isAbsent, NO_DEADLINE, put } from '../client.ts';
import type { Bench } from './bench.ts';

const MIB = 1024 * 1024;

export function describeLimits(on: Bench): void {
  describe('limits', () => {
    it('are stated', async () => {
      const reply = await dispatchKv(on.kv.keyspace, 'limits', Buffer.alloc(0), NO_DEADLINE);
      const { keySize, valueSize, commitOperations, commitSize } = LimitsResponse.decode(reply);
      assert.ok(keySize >= 1024n && valueSize >= 1024n * 1024n);
      assert.ok(commitOperations >= 100n && commitSize >= valueSize);
    });

    it('are reached by a key, and refused one byte beyond', async () => {
      const { keySize } = on.kv.keyspace.limits;
      const key = Buffer.alloc(keySize, 0xff);
      await on.kv.commit([put(key, 'x')], [isAbsent(key)]);
      assert.equal(await on.kv.text(key), 'x');
      const { entries } = await on.kv.tryScan({ limit: 1 });
      assert.deepEqual(entries[0]?.key, key);
      assert.equal((await on.kv.tryScan({ start: key })).entries.length, 1);
      const longer = Buffer.alloc(keySize + 1, 0xff);
      assert.equal(faultOf(await on.kv.tryGet([longer])), 'TOO_LARGE');
      assert.equal(faultOf(await on.kv.tryCommit([put(longer, 'x')])), 'TOO_LARGE');
      assert.equal(faultOf(await on.kv.tryCommit([], [isAbsent(longer)])), 'TOO_LARGE');
    });

    it('are reached by the number of operations, and refused one beyond', async () => {
      const { commitOperations } = on.kv.keyspace.limits;
      const writes = Array.from({ length: commitOperations + 1 }, (_, index) =>
        put(`k${index}`, 'x'),
      );
      const checks = writes.map(({ key }) => isAbsent(key));
      assert.equal(faultOf(await on.kv.tryCommit(writes)), 'TOO_LARGE');
      assert.equal(faultOf(await on.kv.tryCommit([], checks)), 'TOO_LARGE');
      assert.deepEqual(await on.kv.keys(), []);
      await on.kv.commit(writes.slice(1), checks.slice(1));
      assert.equal((await on.kv.keys({ keysOnly: true })).length, commitOperations);
    });

    it('refuse a value and a commit that are too large, and nothing of it is written', async () => {
      const { valueSize, commitSize } = on.kv.keyspace.limits;
      const large = Buffer.alloc(valueSize + 1);
      assert.equal(faultOf(await on.kv.tryCommit([put('a', '1'), put('b', large)])), 'TOO_LARGE');
      const half = Buffer.alloc(Math.floor(commitSize / 2));
      assert.equal(faultOf(await on.kv.tryCommit([put('a', half), put('b', half)])), 'TOO_LARGE');
      assert.deepEqual(await on.kv.keys(), []);
    });

    it('hold a value of a mebibyte less a little', async () => {
      const value = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));
      await on.kv.commit([put('large', value)]);
      assert.deepEqual((await on.kv.get('large'))[0]?.value, value);
    });

    it('refuse a get of more bytes than a reply may have, not those that come beside it', async function () {
      this.timeout(60_000);
      const size = Math.min(on.kv.keyspace.limits.valueSize, 14 * MIB);
      const keys = Array.from({ length: Math.ceil((64 * MIB) / size) + 1 }, (_, n) => `k${n}`);
      const value = Buffer.alloc(size, 7);
      for (const key of keys) await on.kv.commit([put(key, value)]);
      const most = keys.slice(0, -2);
      const [all, some, same] = await Promise.all(
        [keys, most, most].map((wanted) => on.kv.tryGet(wanted)),
      );
      assert.deepEqual(
        [all, some, same].map((reply) => reply && faultOf(reply)),
        ['TOO_LARGE', undefined, undefined],
      );
      assert.ok(same?.entries.every((entry) => entry.value.length === size));
    });
  });
}

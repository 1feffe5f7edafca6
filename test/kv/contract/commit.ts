import assert from 'node:assert/strict';
import { bytes, hasVersion, isAbsent, isPresent, put, remove } from '../client.ts';
import type { Bench } from './bench.ts';

export function describeCommits(on: Bench): void {
  describe('get and commit', () => {
    it('finds nothing where nothing was put', async () => {
      const [entry] = await on.kv.get('nothing');
      assert.deepEqual(entry, { found: false, value: Buffer.alloc(0), version: 0n, expiresAt: 0n });
    });

    it('returns what was put, with its version and no expiry', async () => {
      const version = await on.kv.commit([put('key', 'value')]);
      assert.ok(version > 0n);
      const [entry] = await on.kv.get('key');
      assert.deepEqual(entry, { found: true, value: bytes('value'), version, expiresAt: 0n });
    });

    it('keeps any bytes as key and as value, the empty ones too', async () => {
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      await on.kv.commit([
        put('', 'of the empty key'),
        put(all, all),
        put('k', ''),
        put('*?[]{}:/|\\\'"\n\u0000', 'x'),
      ]);
      const [empty, bytesOf, noValue, odd] = await on.kv.get(
        '',
        all,
        'k',
        '*?[]{}:/|\\\'"\n\u0000',
      );
      assert.equal(empty?.value.toString(), 'of the empty key');
      assert.deepEqual(bytesOf?.value, Buffer.from(all));
      assert.equal(noValue?.found, true);
      assert.equal(noValue?.value.length, 0);
      assert.equal(odd?.value.toString(), 'x');
    });

    it('answers many keys in the order asked, repeated and absent ones included', async () => {
      await on.kv.commit([put('a', '1'), put('b', '2')]);
      const entries = await on.kv.get('b', 'no', 'a', 'b');
      assert.deepEqual(
        entries.map(({ found, value }) => (found ? value.toString() : undefined)),
        ['2', undefined, '1', '2'],
      );
      assert.deepEqual(await on.kv.get(), []);
    });

    it('gives every commit a greater version, also after a delete', async () => {
      const first = await on.kv.commit([put('a', '1')]);
      const second = await on.kv.commit([put('b', '1'), put('a', '2')]);
      const [a, b] = await on.kv.get('a', 'b');
      assert.deepEqual([a?.version, b?.version], [second, second]);
      await on.kv.commit([remove('a'), remove('b')]);
      const third = await on.kv.commit([put('a', '3')]);
      assert.ok(first < second && second < third, `${first}, ${second}, ${third}`);
    });

    it('deletes, and takes the delete of an absent key for done', async () => {
      await on.kv.commit([put('a', '1')]);
      assert.equal(await on.kv.commit([remove('a'), remove('never there')]), 0n);
      assert.equal(await on.kv.text('a'), undefined);
      assert.equal(await on.kv.commit([]), 0n);
    });

    it('counts the last of several writes to one key', async () => {
      await on.kv.commit([put('a', '1'), put('b', '1'), remove('b'), put('a', '2')]);
      assert.deepEqual([await on.kv.text('a'), await on.kv.text('b')], ['2', undefined]);
      await on.kv.commit([remove('a'), put('a', '3')]);
      assert.equal(await on.kv.text('a'), '3');
    });

    it('writes all when every check holds', async () => {
      const version = await on.kv.commit([put('a', '1')]);
      const checks = [hasVersion('a', version), isPresent('a'), isAbsent('b')];
      await on.kv.commit([put('a', '2'), put('b', '2')], checks);
      assert.deepEqual([await on.kv.text('a'), await on.kv.text('b')], ['2', '2']);
    });

    it('writes nothing when a check fails, and names the first that did', async () => {
      const version = await on.kv.commit([put('a', '1')]);
      const writes = [put('a', '2'), put('b', '2')];
      const a = hasVersion('a', version);
      assert.equal(await on.kv.failedCheck(writes, [a, isAbsent('a'), isPresent('b')]), 1);
      assert.equal(await on.kv.failedCheck(writes, [isPresent('b'), isAbsent('a')]), 0);
      assert.equal(await on.kv.failedCheck(writes, [a, hasVersion('a', version + 1n)]), 1);
      assert.equal(
        await on.kv.failedCheck(writes, [a, isPresent('a'), hasVersion('b', version)]),
        2,
      );
      assert.equal(await on.kv.failedCheck([], [isPresent('b')]), 0);
      assert.deepEqual([await on.kv.text('a'), await on.kv.text('b')], ['1', undefined]);
      assert.equal((await on.kv.get('a'))[0]?.version, version);
    });

    it('holds no version for an absent key, nor one that no key can have', async () => {
      await on.kv.commit([put('a', '1')]);
      for (const version of [0n, 2n ** 63n, 2n ** 64n - 1n]) {
        assert.equal(await on.kv.failedCheck([put('a', '2')], [hasVersion('a', version)]), 0);
        assert.equal(await on.kv.failedCheck([put('b', '2')], [hasVersion('b', version)]), 0);
      }
    });

    it('checks the state before the writes of the same commit', async () => {
      await on.kv.commit([put('a', '1'), remove('b')], [isAbsent('a'), isAbsent('b')]);
      await on.kv.commit([remove('a'), put('b', '1')], [isPresent('a'), isAbsent('b')]);
      assert.deepEqual([await on.kv.text('a'), await on.kv.text('b')], [undefined, '1']);
    });

    it('commits checks alone', async () => {
      assert.equal(await on.kv.commit([], [isAbsent('a')]), 0n);
    });
  });
}

import assert from 'node:assert/strict';
import { faultOf, hasVersion, isAbsent, isPresent, put } from '../client.ts';
import { type Bench, untilPast } from './bench.ts';

export function describeExpiry(on: Bench): void {
  describe('expiry', () => {
    it('tells when a key expires, and forgets it with a put that sets none', async () => {
      const before = Date.now();
      await on.kv.commit([put('a', '1', 60_000), put('b', '1', 60_000)]);
      const [a] = await on.kv.get('a');
      const expires = Number(a?.expiresAt);
      assert.ok(expires >= before + 59_990 && expires <= Date.now() + 60_010, `${expires}`);
      await on.kv.commit([put('a', '2')]);
      assert.equal((await on.kv.get('a'))[0]?.expiresAt, 0n);
      const [b] = await on.kv.tryScan({ start: 'b' }).then(({ entries }) => entries);
      assert.equal(b?.expiresAt, (await on.kv.get('b'))[0]?.expiresAt);
    });

    it('takes an expired key for absent in gets, checks and scans', async () => {
      const version = await on.kv.commit([put('gone', '1', 40), put('here', '1', 3_600_000)]);
      const [gone] = await on.kv.get('gone');
      assert.equal(gone?.found, true);
      await untilPast(gone.expiresAt);
      assert.equal(await on.kv.text('gone'), undefined);
      assert.deepEqual(await on.kv.keys(), ['here']);
      assert.equal(await on.kv.failedCheck([], [isPresent('gone')]), 0);
      assert.equal(
        await on.kv.failedCheck([], [isPresent('here'), hasVersion('gone', version)]),
        1,
      );
      const next = await on.kv.commit([put('gone', '2')], [isAbsent('gone'), isPresent('here')]);
      assert.ok(next > version);
      assert.equal(await on.kv.text('gone'), '2');
      assert.deepEqual(await on.kv.keys(), ['gone', 'here']);
    });

    it('keeps a key whose expiry was taken back, and lets one expire that got it later', async () => {
      await on.kv.commit([put('kept', '1', 30), put('later', '1')]);
      await on.kv.commit([put('kept', '2'), put('later', '2', 30)]);
      const [later] = await on.kv.get('later');
      await untilPast(later?.expiresAt ?? 0n);
      assert.deepEqual(await on.kv.keys(), ['kept']);
      assert.equal(await on.kv.text('kept'), '2');
    });

    it('accepts the longest time to live, and refuses a longer one', async () => {
      await on.kv.commit([put('a', '1', 8_000_000_000_000)]);
      assert.ok(Number((await on.kv.get('a'))[0]?.expiresAt) > Date.now() + 7_000_000_000_000);
      assert.equal(
        faultOf(await on.kv.tryCommit([put('a', '1', 8_000_000_000_001)])),
        'INVALID_ARGUMENT',
      );
    });
  });
}

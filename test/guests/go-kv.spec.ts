import assert from 'node:assert/strict';
import { OpenGuest } from './open-guest.ts';

for (const engine of ['memory', 'sqlite']) {
  describe(`a Go guest on the capability kv, engine ${engine}`, () => {
    const guest = OpenGuest.forTests('go-kv', { kv: { engine }, pool: { maxCalls: 50 } });

    it('finds its values again when its component is opened again', async () => {
      {
        await using store = await guest.plugin.open('again');
        await store.set('key', 'value');
      }
      await using store = await guest.plugin.open('again');
      assert.equal(Buffer.from((await store.get('key'))?.data ?? []).toString(), 'value');
    });

    it('outlives its instances, which are replaced every 50 calls', async () => {
      await using store = await guest.plugin.open('replaced');
      for (let i = 0; i < 120; i++) await store.set(`key ${i}`, `value ${i}`);
      const found = await store.bulkGet(Array.from({ length: 120 }, (_, i) => `key ${i}`));
      assert.ok(
        found.every((item, i) => Buffer.from(item?.data ?? []).toString() === `value ${i}`),
      );
    });

    it('counts keys by scanning, page after page', async () => {
      await using store = await guest.plugin.open('counted');
      const items = Array.from({ length: 250 }, (_, i) => ({ key: `app||user-${i}`, value: 'x' }));
      await store.bulkSet([...items, { key: 'app||other', value: 'x' }]);
      const found = await store.get('app||count:user-');
      assert.equal(Buffer.from(found?.data ?? []).toString(), '250');
    });

    it('tells when a value expires', async () => {
      await using store = await guest.plugin.open('expiring');
      const before = Date.now();
      await store.set('key', 'value', { metadata: { ttlInSeconds: '600' } });
      const expires = Date.parse((await store.get('key'))?.metadata['ttlExpireTime'] ?? '');
      assert.ok(expires >= before + 599_000 && expires <= Date.now() + 600_000, String(expires));
      await store.set('key', 'value', { metadata: { ttlInSeconds: '-1' } });
      assert.deepEqual((await store.get('key'))?.metadata, {});
      const refused = store.set('key', 'value', { metadata: { ttlInSeconds: 'soon' } });
      await assert.rejects(refused, /soon/);
    });

    it('loses no increment of callers that compete by etag', async () => {
      await using store = await guest.plugin.open('counter');
      await store.set('counter', '0');
      const increment = async (): Promise<void> => {
        for (;;) {
          const found = await store.get('counter');
          const next = String(Number(Buffer.from(found?.data ?? []).toString()) + 1);
          try {
            return await store.set('counter', next, { etag: found?.etag ?? '' });
          } catch (error) {
            assert.match(String(error), /differs/);
          }
        }
      };
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let i = 0; i < 10; i++) await increment();
        }),
      );
      assert.equal(Buffer.from((await store.get('counter'))?.data ?? []).toString(), '80');
    });
  });
}

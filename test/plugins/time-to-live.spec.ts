import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { StateStore } from '../../src/index.ts';
import { SHIPPED, describeStores, etagOf, refuses } from './stores.ts';

const ttl = (seconds: string) => ({ metadata: { ttlInSeconds: seconds } });

async function expiry(store: StateStore, key: string): Promise<string | undefined> {
  return (await store.get(key))?.metadata['ttlExpireTime'];
}

/** Waits until a key is no longer there. */
async function expired(store: StateStore, key: string): Promise<void> {
  while ((await store.get(key)) !== undefined) await pause(20);
}

describeStores('time to live', SHIPPED, (open) => {
  it('tells when a key expires, in Get and BulkGet', async () => {
    const store = await open();
    const before = Date.now();
    await store.set('key', 'value', ttl('3600'));
    const after = Date.now();
    const time = await expiry(store, 'key');
    assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
    const at = Date.parse(time ?? '');
    assert.ok(at >= before + 3_600_000 && at <= after + 3_600_000, String(time));
    const [item] = await store.bulkGet(['key']);
    assert.equal(item?.metadata['ttlExpireTime'], time);
  });

  it('tells nothing of a key that never expires', async () => {
    const store = await open();
    await store.set('key', 'value');
    assert.deepEqual((await store.get('key'))?.metadata, {});
  });

  for (const cleared of ['-1', '0', '', undefined]) {
    it(`is cleared by ${cleared === undefined ? 'none' : `"${cleared}"`}`, async () => {
      const store = await open();
      await store.set('key', 'value', ttl('3600'));
      await store.set('key', 'value', cleared === undefined ? {} : ttl(cleared));
      assert.equal(await expiry(store, 'key'), undefined);
    });
  }

  it('ends a key for every call', async () => {
    const store = await open();
    await store.set('key', '{}', ttl('1'));
    const etag = await etagOf(store, 'key');
    await store.set('other', '{}');
    await expired(store, 'key');
    assert.deepEqual(await store.bulkGet(['key']), [undefined]);
    assert.deepEqual(
      (await store.query({})).items.map((item) => item.key),
      ['other'],
    );
    await refuses(store.set('key', 'next', { etag }), 'ETAG_MISMATCH', /"key"/);
    await refuses(store.delete('key', { etag }), 'ETAG_MISMATCH', /"key"/);
    await store.set('key', 'next', { concurrency: 'first-write' });
    assert.notEqual(await etagOf(store, 'key'), etag);
  });

  it('goes by the last write of a transaction', async () => {
    const store = await open();
    await store.transact([
      { operation: 'set', key: 'kept', value: '1', ...ttl('1') },
      { operation: 'set', key: 'kept', value: '2' },
      { operation: 'set', key: 'gone', value: '1' },
      { operation: 'set', key: 'gone', value: '2', ...ttl('1') },
    ]);
    await expired(store, 'gone');
    assert.equal(await expiry(store, 'kept'), undefined);
    assert.ok(await store.get('kept'));
  });

  it('may be as long as 68 years', async () => {
    const store = await open();
    const year = new Date().getUTCFullYear();
    await store.set('key', 'value', ttl('2147483647'));
    const time = new Date((await expiry(store, 'key')) ?? '');
    assert.ok(time.getUTCFullYear() - year >= 67);
  });

  for (const bad of [
    'foo',
    '1.5',
    '1e3',
    ' 1',
    '-2',
    '2147483648',
    '99999999999999999999',
    '+',
    '-',
  ]) {
    it(`refuses "${bad}" and writes nothing`, async () => {
      const store = await open();
      await refuses(
        store.set('key', 'value', ttl(bad)),
        'INVALID_ARGUMENT',
        /ttlInSeconds of key "key" must be a whole number of seconds/,
      );
      assert.equal(await store.get('key'), undefined);
    });
  }
});

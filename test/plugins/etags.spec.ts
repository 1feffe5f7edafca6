import assert from 'node:assert/strict';
import {
  GetRequest,
  GetResponse,
  SetRequest,
} from '../../src/gen/dapr/proto/components/v1/state.ts';
import { openPlugin } from '../../src/index.ts';
import { BareGuest } from './bare-guest.ts';
import { SHIPPED, describeStores, etagOf, pluginFolder, refuses, textOf } from './stores.ts';

describeStores('etags', SHIPPED, (open) => {
  it('gives an etag that changes with every write', async () => {
    const store = await open();
    const seen = new Set<string>();
    for (const value of ['1', '2', '2']) {
      await store.set('key', value);
      seen.add(await etagOf(store, 'key'));
    }
    assert.equal(seen.size, 3);
  });

  it('never gives an etag again after the key was deleted', async () => {
    const store = await open();
    await store.set('key', 'first');
    const etag = await etagOf(store, 'key');
    await store.delete('key');
    await store.set('key', 'second');
    assert.notEqual(await etagOf(store, 'key'), etag);
    await refuses(store.set('key', 'third', { etag }), 'ETAG_MISMATCH', /"key".*etag/);
  });

  for (const concurrency of ['first-write', 'last-write', undefined] as const) {
    it(`checks an etag with ${concurrency ?? 'unspecified concurrency'}`, async () => {
      const store = await open();
      await store.set('key', 'first');
      const etag = await etagOf(store, 'key');
      const options = concurrency === undefined ? { etag } : { etag, concurrency };
      await store.set('key', 'second', options);
      await refuses(store.set('key', 'third', options), 'ETAG_MISMATCH', /"key"/);
      assert.equal(await textOf(store, 'key'), 'second');
    });
  }

  it('refuses an etag for a key that is not there', async () => {
    const store = await open();
    await refuses(store.set('none', 'value', { etag: '1' }), 'ETAG_MISMATCH', /"none"/);
    await refuses(store.delete('none', { etag: '1' }), 'ETAG_MISMATCH', /"none"/);
  });

  it('takes an empty etag for none', async () => {
    const store = await open();
    await store.set('key', 'first', { etag: '' });
    await store.set('key', 'second', { etag: '' });
    await store.delete('key', { etag: '' });
    assert.equal(await store.get('key'), undefined);
  });

  it('only creates with first-write and no etag', async () => {
    const store = await open();
    await store.set('key', 'first', { concurrency: 'first-write' });
    await refuses(
      store.set('key', 'second', { concurrency: 'first-write', etag: '' }),
      'ETAG_MISMATCH',
      /"key" exists/,
    );
    await store.delete('key');
    await store.set('key', 'third', { concurrency: 'first-write' });
    assert.equal(await textOf(store, 'key'), 'third');
  });

  it('deletes with the current etag, not with an older one', async () => {
    const store = await open();
    await store.set('key', 'first');
    const etag = await etagOf(store, 'key');
    await store.set('key', 'second');
    await refuses(store.delete('key', { etag }), 'ETAG_MISMATCH', /"key"/);
    await store.delete('key', { etag: await etagOf(store, 'key') });
    assert.equal(await store.get('key'), undefined);
  });

  it('deletes a missing key without a word', async () => {
    const store = await open();
    await store.delete('none');
    await store.delete('none', { concurrency: 'first-write' });
  });

  it('calls every other well-formed etag a mismatch', async () => {
    const store = await open();
    await store.set('key', 'first');
    const current = await etagOf(store, 'key');
    const others = [
      'bad-etag',
      `0${current}`,
      `+${current}`,
      `${current}.0`,
      '0',
      '-1',
      '18446744073709551615',
      '18446744073709551616',
      `${BigInt(current) + 2n ** 64n}`,
      '9'.repeat(500),
    ];
    for (const etag of others) {
      await refuses(store.set('key', 'second', { etag }), 'ETAG_MISMATCH', /"key"/);
      await refuses(store.delete('key', { etag }), 'ETAG_MISMATCH', /"key"/);
    }
  });

  it('calls an etag invalid that HTTP could not carry', async () => {
    const store = await open();
    await store.set('key', 'first');
    const current = await etagOf(store, 'key');
    for (const etag of [`"${current}"`, `W/"${current}"`, `${current} `, 'é', '\n']) {
      await refuses(store.set('key', 'second', { etag }), 'ETAG_INVALID', /without quotes/);
      await refuses(store.delete('key', { etag }), 'ETAG_INVALID', /without quotes/);
    }
    assert.equal(await textOf(store, 'key'), 'first');
  });
});

/** Writes a key and tells its etag. */
function writtenEtag(guest: BareGuest): string {
  const key = 'key';
  const write = { key, value: Buffer.of(1), metadata: {}, contentType: '' };
  const set = { ...write, etag: undefined, options: undefined };
  guest.call('state_store_set', SetRequest.encode(set).finish());
  const request = GetRequest.encode({ key, metadata: {}, consistency: 0 }).finish();
  const { etag } = GetResponse.decode(guest.call('state_store_get', request).response);
  assert.ok(etag !== undefined);
  return etag.value;
}

describe('state.memory that lost its entries with its instance', () => {
  it('never gives an etag again that the instance before gave', async () => {
    await using plugin = await openPlugin(pluginFolder('memory'));
    const given = new Set<string>();
    for (let i = 0; i < 20; i++) {
      await using store = await plugin.open('store');
      for (const value of ['1', '2', '3']) {
        await store.set('key', value);
        given.add(await etagOf(store, 'key'));
      }
      for (const etag of [...given].slice(0, -1)) {
        await refuses(store.set('key', 'stale', { etag }), 'ETAG_MISMATCH', /"key"/);
      }
    }
    assert.equal(given.size, 60);
  });

  it('nor one that the instance before gave after its successor was made', () => {
    const former = new BareGuest('memory');
    const successor = new BareGuest('memory');
    const given = Array.from({ length: 500 }, () => writtenEtag(former));
    successor.now = former.now + 1;
    const next = Array.from({ length: 500 }, () => writtenEtag(successor));
    assert.equal(new Set([...given, ...next]).size, 1000);
  });
});

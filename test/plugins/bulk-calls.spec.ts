import assert from 'node:assert/strict';
import { BulkGetRequest, BulkGetResponse } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { SHIPPED, describeStores, etagOf, refuses, textOf } from './stores.ts';

describeStores('bulk calls', SHIPPED, (open) => {
  it('read keys in the order of the request, twice where they are named twice', async () => {
    const store = await open();
    await store.set('b', 'two', { contentType: 'text/plain', metadata: { ttlInSeconds: '1000' } });
    await store.set('a', 'one');
    const keys = ['b', 'none', 'a', 'b'];
    const items = await store.bulkGet(keys);
    assert.deepEqual(
      items.map((item) => item && Buffer.from(item.data).toString()),
      ['two', undefined, 'one', 'two'],
    );
    assert.deepEqual(items[0], await store.get('b'));
    const response = await store.call(
      'BulkGet',
      BulkGetRequest.encode({
        items: keys.map((key) => ({ key, metadata: {}, consistency: 0 as const })),
        options: { parallelism: 2n },
      }).finish(),
    );
    const echoed = BulkGetResponse.decode(response).items;
    assert.deepEqual(
      echoed.map((item) => item.key),
      keys,
    );
    assert.deepEqual([echoed[1]?.etag, echoed[1]?.error], [undefined, '']);
  });

  it('write and delete many keys', async () => {
    const store = await open();
    const keys = Array.from({ length: 1000 }, (_, i) => `key-${i}`);
    await store.bulkSet(keys.map((key) => ({ key, value: `of ${key}` })));
    assert.equal((await store.bulkGet(keys)).filter((item) => item !== undefined).length, 1000);
    assert.equal(await textOf(store, 'key-999'), 'of key-999');
    await store.bulkDelete(keys.slice(1).map((key) => ({ key })));
    assert.deepEqual(
      (await store.bulkGet(keys)).map((item) => item !== undefined),
      keys.map((_, i) => i === 0),
    );
  });

  it('let the last write of a key count', async () => {
    const store = await open();
    await store.bulkSet([
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
      { key: 'a', value: '2' },
    ]);
    assert.deepEqual([await textOf(store, 'a'), await textOf(store, 'b')], ['2', '1']);
  });

  it('write nothing where an etag does not match', async () => {
    const store = await open();
    await store.set('a', '0');
    const etag = await etagOf(store, 'a');
    await store.set('a', '1');
    const write = store.bulkSet([
      { key: 'b', value: '2' },
      { key: 'a', value: '2', etag },
    ]);
    await refuses(write, 'ETAG_MISMATCH', /"a"/);
    await refuses(store.bulkDelete([{ key: 'a', etag }]), 'ETAG_MISMATCH', /"a"/);
    assert.deepEqual([await textOf(store, 'a'), await textOf(store, 'b')], ['1', undefined]);
  });

  it('check every item before they write any', async () => {
    const store = await open();
    const write = store.bulkSet([
      { key: 'a', value: '1' },
      { key: 'b', value: '1', metadata: { ttlInSeconds: '1.5' } },
    ]);
    await refuses(write, 'INVALID_ARGUMENT', /ttlInSeconds of key "b"/);
    assert.equal(await store.get('a'), undefined);
  });

  it('may be empty', async () => {
    const store = await open();
    await store.bulkSet([]);
    await store.bulkDelete([]);
    assert.deepEqual(await store.bulkGet([]), []);
  });

  it('refuse an empty key', async () => {
    const store = await open();
    await refuses(store.bulkGet(['a', '']), 'INVALID_ARGUMENT', /a key is empty/);
    await refuses(store.bulkDelete([{ key: '' }]), 'INVALID_ARGUMENT', /a key is empty/);
  });
});

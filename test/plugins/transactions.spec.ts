import assert from 'node:assert/strict';
import type { DeleteOperation, Operation, SetOperation, StateStore } from '../../src/index.ts';
import { TransactionalStateRequest } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { SHIPPED, describeStores, etagOf, refuses, textOf } from './stores.ts';

const set = (key: string, value: string, more: Partial<SetOperation> = {}): Operation => ({
  ...more,
  operation: 'set',
  key,
  value,
});
const remove = (key: string, more: Partial<DeleteOperation> = {}): Operation => ({
  ...more,
  operation: 'delete',
  key,
});

async function values(store: StateStore, ...keys: string[]): Promise<(string | undefined)[]> {
  return Promise.all(keys.map((key) => textOf(store, key)));
}

describeStores('transactions', SHIPPED, (open) => {
  it('do everything, in order', async () => {
    const store = await open();
    await store.set('a', '0');
    await store.transact([remove('a'), set('b', '1'), remove('b'), set('c', '1'), set('c', '2')]);
    assert.deepEqual(await values(store, 'a', 'b', 'c'), [undefined, undefined, '2']);
  });

  it('give all that they put the same new etag', async () => {
    const store = await open();
    await store.transact([set('a', '1'), set('b', '1')]);
    assert.equal(await etagOf(store, 'a'), await etagOf(store, 'b'));
  });

  it('do nothing where an etag does not match, wherever it stands', async () => {
    const store = await open();
    await store.set('old', '0');
    await store.set('kept', '0');
    const etag = await etagOf(store, 'old');
    await store.set('old', '1');
    for (const at of [0, 1, 2]) {
      const operations = [set('new', '2'), remove('kept')];
      operations.splice(at, 0, at === 1 ? remove('old', { etag }) : set('old', '2', { etag }));
      await refuses(store.transact(operations), 'ETAG_MISMATCH', /"old"/);
    }
    assert.deepEqual(await values(store, 'old', 'kept', 'new'), ['1', '0', undefined]);
  });

  it('do nothing where one operation cannot be done', async () => {
    const store = await open();
    const bad: [Operation, string, RegExp][] = [
      [set('', 'value'), 'INVALID_ARGUMENT', /a key is empty/],
      [set('x', 'v', { metadata: { ttlInSeconds: 'soon' } }), 'INVALID_ARGUMENT', /ttlInSeconds/],
      [set('x', 'v', { etag: '"1"' }), 'ETAG_INVALID', /quotes/],
    ];
    for (const [operation, is, message] of bad) {
      await refuses(store.transact([set('new', '1'), operation]), is, message);
    }
    assert.equal(await store.get('new'), undefined);
  });

  it('check the first operation on a key against the store', async () => {
    const store = await open();
    await store.set('key', '0');
    const etag = await etagOf(store, 'key');
    await store.transact([set('key', '1', { etag }), set('key', '2'), remove('other')]);
    assert.equal(await textOf(store, 'key'), '2');
  });

  it('refuse an etag for what the transaction itself has written or deleted', async () => {
    const store = await open();
    await store.set('key', '0');
    const etag = await etagOf(store, 'key');
    for (const first of [set('key', '1'), remove('key')]) {
      for (const second of [set('key', '2', { etag }), remove('key', { etag })]) {
        await refuses(store.transact([first, second]), 'ETAG_MISMATCH', /"key"/);
      }
    }
    assert.equal(await textOf(store, 'key'), '0');
  });

  it('let first-write create after a delete, not after a set', async () => {
    const store = await open();
    await store.set('key', '0');
    await store.transact([remove('key'), set('key', '1', { concurrency: 'first-write' })]);
    assert.equal(await textOf(store, 'key'), '1');
    const again = store.transact([
      set('new', '1', { concurrency: 'first-write' }),
      set('new', '2', { concurrency: 'first-write' }),
    ]);
    await refuses(again, 'ETAG_MISMATCH', /"new" exists/);
    assert.equal(await store.get('new'), undefined);
  });

  it('hold thousands of operations, many of them on the same keys', async () => {
    const store = await open();
    const operations = Array.from({ length: 5000 }, (_, i) => set(`key-${i % 700}`, `${i}`));
    await store.transact(operations);
    assert.deepEqual(await values(store, 'key-0', 'key-99', 'key-699'), ['4900', '4999', '4899']);
  });

  it('write hundreds of new keys after hundreds of deletes', async () => {
    const store = await open();
    const names = Array.from({ length: 400 }, (_, i) => `key-${i}`);
    await store.transact(names.map((name) => set(`old-${name}`, 'x')));
    await store.transact([
      ...names.map((name) => remove(`old-${name}`)),
      ...names.map((name) => set(`new-${name}`, name)),
    ]);
    const { items } = await store.query({});
    assert.deepEqual(
      items.map((item) => item.key),
      names.map((name) => `new-${name}`).toSorted(),
    );
    assert.equal(await textOf(store, 'new-key-399'), 'key-399');
  });

  it('may be empty', async () => {
    await (await open()).transact([]);
  });

  it('ignore a partition key', async () => {
    const store = await open();
    const request = TransactionalStateRequest.encode({
      operations: [],
      metadata: { partitionKey: 'app||actor' },
    }).finish();
    assert.equal((await store.call('Transact', request)).length, 0);
  });

  it('refuse an operation that is neither a set nor a delete', async () => {
    const store = await open();
    const request = TransactionalStateRequest.encode({
      operations: [{ request: undefined }],
      metadata: {},
    }).finish();
    await refuses(
      store.call('Transact', request),
      'INVALID_ARGUMENT',
      /neither a set nor a delete/,
    );
  });
});

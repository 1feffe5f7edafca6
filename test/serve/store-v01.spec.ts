import assert from 'node:assert/strict';
import { guestModule, needGuest } from '../guests/built.ts';
import { Served } from './served.ts';
import { FIRST_WRITE } from './state-requests.ts';

describe('a guest of the dialect store-v0.1 over its socket', () => {
  const served = Served.forTests(async function (folders) {
    needGuest(this, 'store-v01');
    await folders.addPlugin('store-v01', guestModule('store-v01'));
  });

  it('passes the scenario of the first prototype', async () => {
    const client = await served.open('store-v01', 'scenario', { some: 'property' });
    const json = 'application/json';
    await client.set('one', '{"n":1}', { etag: { value: 'test' }, contentType: json });
    const found = await client.get('one');
    assert.deepEqual(found, {
      data: Buffer.from('{"n":1}'),
      etag: { value: 'test' },
      metadata: {},
      contentType: json,
    });
    await client.set('two', 'second');
    assert.equal(await client.text('two'), 'second');
    await client.delete('one');
    assert.deepEqual(await client.get('one'), {
      data: Buffer.alloc(0),
      etag: undefined,
      metadata: {},
      contentType: '',
    });
    assert.equal(await client.text('two'), 'second');
  });

  it('takes every option and every kind of metadata that Dapr sends', async () => {
    const client = await served.open('store-v01', 'options');
    const options = { concurrency: FIRST_WRITE, consistency: 2 } as const;
    const metadata = { ttlInSeconds: '60', partitionKey: 'p' };
    await client.set('key', 'value', { options, metadata });
    assert.equal((await client.get('key', { consistency: 1, metadata })).data.toString(), 'value');
    await client.delete('key', { options, metadata, etag: { value: 'any' } });
    assert.equal(await client.text('key'), '');
  });

  it('gets bulk calls and Ping from the host, has no features and no transactions', async () => {
    const client = await served.open('store-v01', 'rest');
    await client.bulkSet([
      { key: 'one', value: '1' },
      { key: 'two', value: '2' },
    ]);
    const items = await client.bulkGet(['two', 'missing', 'one']);
    assert.deepEqual(
      items.map(({ key, data, etag }) => [key, data.toString(), etag?.value]),
      [
        ['two', '2', 'test'],
        ['missing', '', undefined],
        ['one', '1', 'test'],
      ],
    );
    await client.bulkDelete([{ key: 'one' }]);
    assert.equal(await client.text('one'), '');
    await client.ping();
    assert.deepEqual(await client.features(), []);
    await assert.rejects(client.transact([]), { code: 'UNIMPLEMENTED' });
  });

  it('never sees a request that is no message', async () => {
    const client = await served.open('store-v01', 'garbled');
    for (const method of ['Get', 'Set', 'Delete']) {
      await assert.rejects(client.call(method, Buffer.of(0x0a, 0xff, 0x01)), {
        code: 'INVALID_ARGUMENT',
        message: new RegExp(`no ${method}Request`),
      });
    }
  });
});

import assert from 'node:assert/strict';
import { FeaturesResponse } from '../../src/gen/dapr/proto/components/v1/common.ts';
import { guestModule, needGuest } from '../guests/built.ts';
import { Served } from './served.ts';
import { FIRST_WRITE } from './state-requests.ts';
import { answer, bytes, ECHO_AS_ERROR, SPIN, watGuest } from './wat-guest.ts';

const unimplemented = { code: 'UNIMPLEMENTED' };
const query = { filter: {}, sort: [], pagination: undefined };

function announcing(...features: readonly string[]): { features: string; data: string } {
  const message = FeaturesResponse.encode({ features: [...features] }).finish();
  return {
    features: answer(256, message.length),
    data: `(data (i32.const 256) ${bytes(message)})`,
  };
}

describe('what a guest does not export', () => {
  const served = Served.forTests(async function (folders) {
    for (const name of ['c-dapr', 'rust-dapr']) {
      needGuest(this, name);
      await folders.addPlugin(name, guestModule(name));
    }
    const everything = announcing(
      'ETAG',
      'TRANSACTIONAL',
      'QUERY_API',
      'TTL',
      'PARTITION_KEY',
      'DELETE_WITH_PREFIX',
      'KEYS_LIKE',
    );
    const boastful = { exports: { features: everything.features }, fields: everything.data };
    await folders.addPlugin('boastful', watGuest(boastful));
    const modest = announcing('ETAG');
    const transact = { transactional_state_store_transact: answer(0, 0) };
    await folders.addPlugin(
      'modest',
      watGuest({ exports: { features: modest.features, ...transact }, fields: modest.data }),
    );
    await folders.addPlugin('silent', watGuest({ exports: transact }));
    await folders.addPlugin('pinged', watGuest({ exports: { ping: ECHO_AS_ERROR } }));
    await folders.addPlugin('unreadable', watGuest({ exports: { get: ECHO_AS_ERROR } }));
    // So many rounds of an empty loop take some milliseconds.
    const slow = `(local $i i32) (loop
      (br_if 0 (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000000))))
      ${answer(0, 0)}`;
    const limits = { limits: { call: '500ms' } };
    await folders.addPlugin('slow', watGuest({ exports: { get: slow, set: slow } }), limits);
    await folders.addPlugin('endless', watGuest({ exports: { set: SPIN }, value: 'x' }), limits);
    await folders.addPlugin('large', watGuest({ value: 'x'.repeat(1000), pages: 2 }));
  });

  it('is supplied from single calls where it is a bulk call', async () => {
    const client = await served.open('c-dapr');
    await client.bulkSet([
      { key: 'one', value: '1', contentType: 'text/plain' },
      { key: 'two', value: '2' },
    ]);
    const items = await client.bulkGet(['two', 'missing', 'one', 'two']);
    assert.deepEqual(
      items.map(({ key, data, contentType, error }) => [key, data.toString(), contentType, error]),
      [
        ['two', '2', '', ''],
        ['missing', '', '', ''],
        ['one', '1', 'text/plain', ''],
        ['two', '2', '', ''],
      ],
    );
    assert.equal(items[0]?.etag?.value, (await client.get('two')).etag?.value);
    assert.equal(items[1]?.etag, undefined);
    await client.bulkDelete([{ key: 'one' }, { key: 'missing' }]);
    assert.equal(await client.text('one'), '');
    assert.equal(await client.text('two'), '2');
  });

  it('tries every item of a bulk write and then tells the first error', async () => {
    const client = await served.open('c-dapr', 'partial');
    await client.set('taken', 'before');
    const options = { concurrency: FIRST_WRITE, consistency: 0 } as const;
    const refused = client.bulkSet([
      { key: 'before', value: 'x' },
      { key: 'taken', value: 'x', options },
      { key: 'bad', value: 'x', etag: { value: 'not decimal' } },
      { key: 'after', value: 'x' },
    ]);
    await assert.rejects(refused, { code: 'FAILED_PRECONDITION', message: 'etag differs' });
    const texts = (await client.bulkGet(['before', 'taken', 'bad', 'after'])).map(({ data }) =>
      data.toString(),
    );
    assert.deepEqual(texts, ['x', 'before', '', 'x']);
  });

  it('puts the error of a read into its item', async () => {
    const client = await served.open('unreadable');
    const items = await client.bulkGet(['one', 'two']);
    assert.deepEqual(
      items.map(({ key, data, error }) => [key, data.length, error]),
      [
        ['one', 0, '\n\x03one'],
        ['two', 0, '\n\x03two'],
      ],
    );
  });

  it('answers bulk calls of no items', async () => {
    const client = await served.open('c-dapr', 'none');
    assert.deepEqual(await client.bulkGet([]), []);
    await client.bulkSet([]);
    await client.bulkDelete([]);
  });

  for (const method of ['BulkGet', 'BulkSet', 'BulkDelete']) {
    it(`refuses bytes that are no ${method}Request`, async () => {
      const client = await served.open('c-dapr', 'garbled');
      await assert.rejects(client.call(method, Buffer.of(0x0a, 0xff, 0x01)), {
        code: 'INVALID_ARGUMENT',
        message: new RegExp(`${method}Request`),
      });
    });
  }

  it('gives a bulk call of many items the time of one call', async () => {
    const client = await served.open('slow');
    const keys = Array.from({ length: 100_000 }, (_, i) => `key ${i}`);
    await assert.rejects(client.bulkGet(keys), { code: 'DEADLINE_EXCEEDED' });
    await assert.rejects(client.bulkSet(keys.map((key) => ({ key }))), {
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('ends a bulk call with the guest that does not return', async () => {
    const client = await served.open('endless');
    const ended = { code: 'DEADLINE_EXCEEDED', message: /longer than/ };
    await assert.rejects(client.bulkSet([{ key: 'one' }, { key: 'two' }]), ended);
    assert.equal(await client.text('one'), 'x');
  });

  it('says so where the items together are more than daprd receives', async () => {
    const client = await served.open('large');
    const keys = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
    await assert.rejects(client.bulkGet(keys), {
      code: 'RESOURCE_EXHAUSTED',
      message: /the answer of \d+ bytes is above .* ask for fewer keys/,
    });
    assert.equal((await client.bulkGet(keys.slice(0, 4000))).length, 4000);
    assert.ok(client.isConnected);
  });

  it('is Ping, which the host answers, and the guest where it can', async () => {
    await (await served.open('c-dapr')).ping();
    await assert.rejects((await served.open('pinged')).ping(), { code: 'UNKNOWN' });
  });

  it('is UNIMPLEMENTED where the host cannot supply it', async () => {
    const client = await served.open('c-dapr');
    await assert.rejects(client.transact([]), unimplemented);
    await assert.rejects(client.query(query), unimplemented);
    await assert.rejects(client.multiMaxSize(), unimplemented);
    const other = await served.open('rust-dapr');
    await other.transact([{ operation: 'set', key: 'key', value: 'value' }]);
    assert.equal(await other.multiMaxSize(), 3n);
    await assert.rejects(other.query(query), unimplemented);
  });

  it('is not among the features, whatever the guest says', async () => {
    const client = await served.open('boastful');
    assert.deepEqual((await client.features()).toSorted(), ['ETAG', 'PARTITION_KEY', 'TTL']);
    await assert.rejects(client.transact([]), unimplemented);
    await assert.rejects(client.query(query), unimplemented);
  });

  it('may be withheld by not announcing it', async () => {
    const client = await served.open('modest');
    assert.deepEqual(await client.features(), ['ETAG']);
    await assert.rejects(client.transact([]), unimplemented);
  });

  it('is all that a guest without Features lacks', async () => {
    const client = await served.open('silent');
    assert.deepEqual(await client.features(), ['TRANSACTIONAL']);
    await client.transact([]);
    await assert.rejects(client.query(query), unimplemented);
  });
});

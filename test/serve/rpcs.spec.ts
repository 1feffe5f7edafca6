import assert from 'node:assert/strict';
import type { StateClient } from './state-client.ts';
import { FIRST_WRITE } from './state-requests.ts';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';

const json = 'application/json';

for (const { plugin, manifest, maxSize } of [
  { plugin: 'memory', manifest: { state: 'guest' }, maxSize: 0n },
  { plugin: 'durable', manifest: { kv: { engine: 'sqlite' } }, maxSize: 10_000n },
] as const) {
  describe(`state.${plugin} over its socket`, () => {
    const served = Served.forTests((folders) =>
      folders.addPlugin(plugin, shippedModule(plugin), manifest),
    );
    let client: StateClient;
    let next = 0;

    beforeEach(async () => {
      next += 1;
      client = await served.open(plugin, `component ${next}`, { some: 'property' });
    });

    const texts = async (...keys: readonly string[]): Promise<readonly string[]> =>
      (await client.bulkGet(keys)).map(({ data }) => data.toString());

    it('answers Init, Features and Ping', async () => {
      const features = await client.features();
      assert.deepEqual(features.toSorted(), ['ETAG', 'QUERY_API', 'TRANSACTIONAL', 'TTL']);
      await client.ping();
    });

    it('answers Get with what Set was given, and with an empty message for a missing key', async () => {
      assert.equal((await client.call('Get', Buffer.from('\x0a\x03key'))).length, 0);
      const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await client.set('key', value, { contentType: json });
      const found = await client.get('key');
      assert.ok(found.data.equals(value));
      assert.equal(found.contentType, json);
      assert.notEqual(found.etag?.value ?? '', '');
    });

    it('answers Delete, of a missing key too', async () => {
      await client.set('key', 'value');
      await client.delete('key');
      await client.delete('key');
      assert.deepEqual(await texts('key'), ['']);
    });

    it('answers BulkSet, BulkGet in the order of the request, and BulkDelete', async () => {
      await client.bulkSet([
        { key: 'one', value: '1', contentType: json },
        { key: 'two', value: '2' },
      ]);
      const items = await client.bulkGet(['two', 'missing', 'one']);
      assert.deepEqual(
        items.map(({ key, data, contentType, error }) => [
          key,
          data.toString(),
          contentType,
          error,
        ]),
        [
          ['two', '2', '', ''],
          ['missing', '', '', ''],
          ['one', '1', json, ''],
        ],
      );
      await client.bulkDelete([{ key: 'one' }, { key: 'two' }]);
      assert.deepEqual(await texts('one', 'two'), ['', '']);
    });

    it('answers Transact, and applies nothing of one whose etag is wrong', async () => {
      await client.set('old', 'before');
      await client.transact([
        { operation: 'set', key: 'new', value: 'first' },
        { operation: 'delete', key: 'old' },
      ]);
      assert.deepEqual(await texts('new', 'old'), ['first', '']);
      const refused = client.transact([
        { operation: 'delete', key: 'new' },
        { operation: 'set', key: 'new', value: 'second', etag: { value: '999999' } },
      ]);
      await assert.rejects(refused, { code: 'FAILED_PRECONDITION' });
      assert.deepEqual(await texts('new', 'old'), ['first', '']);
    });

    it('answers Query with filter, sort and pages', async () => {
      for (const [key, state] of [
        ['a', 'CA'],
        ['b', 'WA'],
        ['c', 'CA'],
      ] as const) {
        await client.set(key, JSON.stringify({ state }), { contentType: json });
      }
      const query = {
        filter: { EQ: { typeUrl: '', value: Buffer.from('{"state":"CA"}') } },
        sort: [],
      };
      const first = await client.query({ ...query, pagination: { limit: 1n, token: '' } });
      assert.deepEqual(
        first.items.map(({ key }) => key),
        ['a'],
      );
      const { token } = first;
      const second = await client.query({ ...query, pagination: { limit: 5n, token } });
      assert.deepEqual(
        second.items.map(({ key }) => key),
        ['c'],
      );
    });

    it('maps a wrong etag, a bad one, and first-write on a key that exists', async () => {
      await client.set('key', 'first');
      const mismatch = (description: RegExp) => (error: { code: string; details: unknown[] }) => {
        assert.equal(error.code, 'FAILED_PRECONDITION');
        const [detail] = error.details as [{ value: { fieldViolations: { field: string }[] } }];
        assert.equal(detail.value.fieldViolations[0]?.field, 'etag');
        assert.match(JSON.stringify(detail), description);
        return true;
      };
      await assert.rejects(client.set('key', '2', { etag: { value: '999999' } }), mismatch(/etag/));
      const options = { concurrency: FIRST_WRITE, consistency: 0 } as const;
      await assert.rejects(client.set('key', '2', { options }), mismatch(/exists|etag/));
      await assert.rejects(client.delete('key', { etag: { value: 'not "one"' } }), {
        code: 'INVALID_ARGUMENT',
      });
      assert.deepEqual(await texts('key'), ['first']);
    });

    it('answers MultiMaxSize', async () => {
      assert.equal(await client.multiMaxSize(), maxSize);
    });
  });
}

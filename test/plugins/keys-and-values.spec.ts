import assert from 'node:assert/strict';
import { SHIPPED, describeStores, etagOf, refuses } from './stores.ts';

describeStores('keys and values', SHIPPED, (open) => {
  it('announces what it does, and no more', async () => {
    const store = await open();
    assert.deepEqual([...store.features].toSorted(), ['ETAG', 'QUERY_API', 'TRANSACTIONAL', 'TTL']);
  });

  it('takes any text for a key and keeps keys apart', async () => {
    const store = await open();
    const keys = [
      'a',
      'A',
      'a ',
      ' a',
      'a\0',
      'ab',
      'a||b',
      'é',
      'e\u0301',
      '\u{1f600}',
      '\0',
      '"\\\n',
    ];
    keys.push('x'.repeat(10_000), '\uffff', '\u{10ffff}');
    for (const key of keys) await store.set(key, `of ${key}`);
    for (const key of keys) {
      const item = await store.get(key);
      assert.equal(Buffer.from(item?.data ?? []).toString(), `of ${key}`);
    }
    const found = (await store.query({})).items.map((item) => item.key);
    const ordered = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(found, ordered);
  });

  it('takes any bytes for a value', async () => {
    const store = await open();
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const value of [Buffer.alloc(0), Buffer.of(0), all, Buffer.alloc(1_000_000, all)]) {
      await store.set('key', value);
      const item = await store.get('key');
      assert.ok(item !== undefined && Buffer.from(item.data).equals(value));
    }
  });

  it('tells an empty value from a missing key', async () => {
    const store = await open();
    await store.set('key', '');
    assert.ok(await etagOf(store, 'key'));
    assert.equal((await store.get('key'))?.data.length, 0);
  });

  it('keeps the content type with the value', async () => {
    const store = await open();
    await store.set('key', '{}', { contentType: 'application/json' });
    assert.equal((await store.get('key'))?.contentType, 'application/json');
    assert.equal((await store.bulkGet(['key']))[0]?.contentType, 'application/json');
    assert.equal((await store.query({})).items[0]?.contentType, 'application/json');
    await store.set('key', '{}');
    assert.equal((await store.get('key'))?.contentType, '');
  });

  it('refuses an empty key', async () => {
    const store = await open();
    for (const call of [store.get(''), store.set('', 'value'), store.delete('')]) {
      await refuses(call, 'INVALID_ARGUMENT', /a key is empty/);
    }
  });

  it('names a long key in part', async () => {
    const store = await open();
    const key = 'é'.repeat(1000);
    await refuses(store.delete(key, { etag: '1' }), 'ETAG_MISMATCH', /"é{60}\.\.\."/);
  });
});

import assert from 'node:assert/strict';
import type { Query, StateStore } from '../../src/index.ts';
import { SHIPPED, describeStores } from './stores.ts';

/** Values as JSON text, by key. */
async function fill(store: StateStore, values: Readonly<Record<string, string>>): Promise<void> {
  await store.bulkSet(Object.entries(values).map(([key, value]) => ({ key, value })));
}

async function keys(store: StateStore, query: Query): Promise<string[]> {
  return (await store.query(query)).items.map((item) => item.key);
}

const PEOPLE = {
  a: '{"person":{"org":"Dev Ops","id":1036},"city":"Seattle","state":"WA"}',
  b: '{"person":{"org":"Hardware","id":1028},"city":"Portland","state":"OR"}',
  c: '{"person":{"org":"Finance","id":1071},"city":"Sacramento","state":"CA"}',
  d: '{"person":{"org":"Dev Ops","id":1042},"city":"Spokane","state":"WA"}',
  e: '{"person":{"org":"Hardware","id":1007},"city":"Los Angeles","state":"CA"}',
};

describeStores('queries', SHIPPED, (open) => {
  it('without a filter return everything in the order of the keys', async () => {
    const store = await open();
    await fill(store, { ...PEOPLE, text: 'not JSON', empty: '' });
    assert.deepEqual(await keys(store, {}), ['a', 'b', 'c', 'd', 'e', 'empty', 'text']);
  });

  it('return value, etag and content type', async () => {
    const store = await open();
    await store.set('a', '{"x":1}', { contentType: 'application/json' });
    const { items, token } = await store.query({ filter: { EQ: { x: 1 } } });
    assert.deepEqual(items, [{ ...(await store.get('a')), metadata: {} }]);
    assert.equal(token, undefined);
  });

  it('combine conditions', async () => {
    const store = await open();
    await fill(store, PEOPLE);
    const filter = {
      OR: [
        { EQ: { 'person.org': 'Finance' } },
        { AND: [{ EQ: { 'person.org': 'Dev Ops' } }, { IN: { state: ['CA', 'WA'] } }] },
      ],
    };
    const sort = [{ key: 'state', order: 'DESC' }, { key: 'person.id' }] as const;
    assert.deepEqual(await keys(store, { filter, sort }), ['a', 'd', 'c']);
  });

  it('compare numbers with numbers and text with text', async () => {
    const store = await open();
    await fill(store, { n2: '{"v":2}', n10: '{"v":10}', s2: '{"v":"2"}', s10: '{"v":"10"}' });
    assert.deepEqual(await keys(store, { filter: { GT: { v: 2 } } }), ['n10']);
    assert.deepEqual(await keys(store, { filter: { GTE: { v: 2 } } }), ['n10', 'n2']);
    assert.deepEqual(await keys(store, { filter: { LT: { v: 10 } } }), ['n2']);
    assert.deepEqual(await keys(store, { filter: { LTE: { v: '2' } } }), ['s10', 's2']);
    assert.deepEqual(await keys(store, { filter: { GT: { v: '10' } } }), ['s2']);
    assert.deepEqual(await keys(store, { filter: { EQ: { v: '2' } } }), ['s2']);
    assert.deepEqual(await keys(store, { filter: { IN: { v: [2, '10', true] } } }), ['n2', 's10']);
  });

  it('compare numbers as decimals, exactly', async () => {
    const store = await open();
    await fill(store, {
      a: '{"v":9007199254740992}',
      b: '{"v":9007199254740993}',
      c: '{"v":1e2}',
      d: '{"v":100.000}',
      e: '{"v":-0.0}',
      f: '{"v":-1e-400}',
      g: '{"v":0.1e1000000000000000000000}',
    });
    // JSON.stringify would round a number that is to be compared.
    const raw = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;
    const filtered = (json: string): Promise<string[]> =>
      keys(store, { filter: { EQ: { v: raw(json) } } });
    assert.deepEqual(await filtered('9007199254740993'), ['b']);
    assert.deepEqual(await filtered('9007199254740992.0'), ['a']);
    assert.deepEqual(await filtered('100'), ['c', 'd']);
    assert.deepEqual(await filtered('0'), ['e']);
    const sorted = await keys(store, { sort: [{ key: 'v' }] });
    assert.deepEqual(sorted, ['f', 'e', 'c', 'd', 'a', 'b', 'g']);
  });

  it('compare booleans and null', async () => {
    const store = await open();
    await fill(store, { f: '{"v":false}', n: '{"v":null}', none: '{}', t: '{"v":true}' });
    assert.deepEqual(await keys(store, { filter: { EQ: { v: true } } }), ['t']);
    assert.deepEqual(await keys(store, { filter: { LT: { v: true } } }), ['f']);
    assert.deepEqual(await keys(store, { filter: { EQ: { v: null } } }), ['n']);
    assert.deepEqual(await keys(store, { filter: { GTE: { v: null } } }), ['n']);
  });

  it('hold NEQ true wherever EQ is not, but for values that are not JSON', async () => {
    const store = await open();
    await fill(store, { one: '{"v":1}', text: '{"v":"1"}', none: '{}', array: '[1]', broken: '{' });
    assert.deepEqual(await keys(store, { filter: { NEQ: { v: 1 } } }), ['array', 'none', 'text']);
  });

  it('follow paths through objects and arrays', async () => {
    const store = await open();
    await fill(store, {
      a: '{"x":{"y":[{"z":1},{"z":2}]}}',
      b: '{"x":{"y":{"1":{"z":2}}}}',
      c: '[{"x":1}]',
      d: '{"x":{"y":[[],2]}}',
    });
    assert.deepEqual(await keys(store, { filter: { EQ: { 'x.y.1.z': 2 } } }), ['a', 'b']);
    assert.deepEqual(await keys(store, { filter: { EQ: { '0.x': 1 } } }), ['c']);
    assert.deepEqual(await keys(store, { filter: { EQ: { 'x.y.01.z': 2 } } }), []);
    assert.deepEqual(await keys(store, { filter: { EQ: { x: 1 } } }), []);
  });

  it('read escapes, in names and in text', async () => {
    const store = await open();
    await fill(store, {
      a: String.raw`{"\u0076":"caf\u00e9"}`,
      b: '{"v":"café"}',
      c: String.raw`{"v":"\ud83d\ude00\n\"\\\/"}`,
      d: String.raw`{"v":"\ud83d"}`,
    });
    assert.deepEqual(await keys(store, { filter: { EQ: { v: 'café' } } }), ['a', 'b']);
    assert.deepEqual(await keys(store, { filter: { EQ: { v: '\u{1f600}\n"\\/' } } }), ['c']);
    assert.deepEqual(await keys(store, { filter: { EQ: { v: '\ufffd' } } }), ['d']);
  });

  it('let the last of equal names count', async () => {
    const store = await open();
    await fill(store, { a: '{"v":{"w":1},"v":{"x":2}}' });
    assert.deepEqual(await keys(store, { filter: { EQ: { 'v.w': 1 } } }), []);
    assert.deepEqual(await keys(store, { filter: { EQ: { 'v.x': 2 } } }), ['a']);
  });

  it('match no value that is not quite JSON', async () => {
    const store = await open();
    const broken = [
      '', ' ', '{"v":1', '{"v":1}}', '{"v":1,}', "{'v':1}", '{"v":01}', '{"v":1.}', '{"v":.1}',
      '{"v":+1}', '{"v":1}\0', '\ufeff{"v":1}', '{"v":NaN}', '{"v":1,"w":"\t"}', '{"v":1,"w":"\\x"}',
      '{"v":1,"w":tru}', '[1', '{"v":1,"w":"\\u12g4"}', '{"v":1 "w":2}', '{v:1}',
    ]; // prettier-ignore
    await fill(store, Object.fromEntries(broken.map((text, i) => [`broken-${i}`, text])));
    await store.set('utf-8', Buffer.from('{"v":1,"w":"\xff"}', 'latin1'));
    await store.set('deep', `{"v":1,"w":${'['.repeat(300)}${']'.repeat(300)}}`);
    await fill(store, {
      good: ' {"v" : 1 , "w": [ ] }\r\n\t',
      deepish: `{"v":1,"w":${'['.repeat(150)}${']'.repeat(150)}}`,
    });
    assert.deepEqual(await keys(store, { filter: { NEQ: { v: 2 } } }), ['deepish', 'good']);
  });

  it('sort by several keys, each in its own direction', async () => {
    const store = await open();
    await fill(store, PEOPLE);
    const sort = [
      { key: 'person.org', order: 'DESC' },
      { key: 'person.id', order: 'ASC' },
    ] as const;
    assert.deepEqual(await keys(store, { sort }), ['e', 'b', 'c', 'a', 'd']);
  });

  it('put what cannot be sorted last in both directions, and equals by key', async () => {
    const store = await open();
    await fill(store, {
      s: '{"v":"a"}', n: '{"v":7}', t: '{"v":true}', none: '{}', null: '{"v":null}', list: '{"v":[1]}',
      m: '{"v":7.0}', text: 'not JSON',
    }); // prettier-ignore
    const last = ['list', 'none', 'null', 'text'];
    assert.deepEqual(await keys(store, { sort: [{ key: 'v' }] }), ['t', 'm', 'n', 's', ...last]);
    const descending = await keys(store, { sort: [{ key: 'v', order: 'DESC' }] });
    assert.deepEqual(descending, ['s', 'm', 'n', 't', ...last]);
  });
});

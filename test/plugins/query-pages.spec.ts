import assert from 'node:assert/strict';
import type { Query, StateStore } from '../../src/index.ts';
import { SHIPPED, describeStores, refuses } from './stores.ts';

const NUMBERED = Array.from({ length: 50 }, (_, i) => ({
  key: `key-${String(i).padStart(2, '0')}`,
  value: `{"n":${(i * 7) % 50},"odd":${i % 2 === 1}}`,
}));

/** The number in the value of a key of many. */
const order = (key: string): number => (Number(key.slice(4)) * 11) % 3500;

/** All pages of a query, as lists of keys; `between` runs after each of them. */
async function pages(
  store: StateStore,
  query: Query,
  limit: number,
  between: () => Promise<void> = async () => {},
): Promise<string[][]> {
  const found: string[][] = [];
  let token = '';
  do {
    const page = await store.query({ ...query, page: { limit, token } });
    found.push(page.items.map((item) => item.key));
    token = page.token ?? '';
    await between();
    assert.ok(found.length < 1000, 'the pages do not end');
  } while (token !== '');
  return found;
}

const QUERIES: Readonly<Record<string, Query>> = {
  'in the order of keys': {},
  'with a filter': { filter: { LT: { n: 30 } } },
  'sorted': { sort: [{ key: 'n', order: 'DESC' }] },
  'sorted by what many share': { sort: [{ key: 'odd' }] },
  'sorted by what none has': { sort: [{ key: 'none', order: 'DESC' }] },
}; // prettier-ignore

describeStores('pages of queries', SHIPPED, (open) => {
  for (const [title, query] of Object.entries(QUERIES)) {
    it(`${title} join to the whole answer`, async () => {
      const store = await open();
      await store.bulkSet(NUMBERED);
      const whole = (await store.query(query)).items.map((item) => item.key);
      for (const limit of [1, 7, 10, 50, 1000]) {
        const found = await pages(store, query, limit);
        assert.deepEqual(found.flat(), whole);
        assert.ok(found.every((page, i) => page.length === limit || i === found.length - 1));
        assert.ok(found.length === 1 || found.at(-1)?.length !== 0, 'the last page is not empty');
      }
    });

    it(`${title} lose and repeat nothing while keys are written`, async () => {
      const store = await open();
      await store.bulkSet(NUMBERED);
      const whole = (await store.query(query)).items.map((item) => item.key);
      let round = 0;
      const found = await pages(store, query, 7, async () => {
        round += 1;
        // Before, between and after what is there, and what was on the page that was just read.
        const value = '{"n":12,"odd":true}';
        for (const key of [`a${round}`, `key-25-${round}`, `z${round}`])
          await store.set(key, value);
        await store.delete(`a${round - 1}`);
      });
      assert.deepEqual(
        found.flat().filter((key) => /^key-\d\d$/.test(key)),
        whole,
      );
      assert.equal(new Set(found.flat()).size, found.flat().length);
    });
  }

  it('go on after a key that was deleted meanwhile', async () => {
    const store = await open();
    await store.bulkSet(NUMBERED);
    for (const query of [{}, { sort: [{ key: 'n' }] }]) {
      const first = await store.query({ ...query, page: { limit: 5 } });
      const last = first.items.at(-1);
      assert.ok(last !== undefined && first.token !== undefined);
      const wanted = await store.query({ ...query, page: { limit: 5, token: first.token } });
      await store.delete(last.key);
      const next = await store.query({ ...query, page: { limit: 5, token: first.token } });
      assert.deepEqual(next, wanted);
      await store.set(last.key, last.data);
    }
  });

  it('are joined from all pages of the engine', async () => {
    const store = await open();
    const items = Array.from({ length: 3500 }, (_, i) => ({
      key: `key-${String(i).padStart(4, '0')}`,
      value: `{"n":${(i * 11) % 3500}}`,
    }));
    await store.bulkSet(items);
    const keys = items.map((item) => item.key);
    assert.deepEqual(
      (await store.query({})).items.map((item) => item.key),
      keys,
    );
    const sorted = await store.query({ sort: [{ key: 'n' }], page: { limit: 3000 } });
    assert.deepEqual(
      sorted.items.map((item) => item.key),
      keys.toSorted((a, b) => order(a) - order(b)).slice(0, 3000),
    );
    assert.equal(
      (await store.query({ filter: { EQ: { n: order('key-3499') } } })).items[0]?.key,
      'key-3499',
    );
  });

  it('may go on without a limit', async () => {
    const store = await open();
    await store.bulkSet(NUMBERED);
    const { token = '' } = await store.query({ page: { limit: 20 } });
    const rest = await store.query({ page: { token } });
    assert.deepEqual([rest.items.length, rest.token], [30, undefined]);
  });

  it('refuse a token that is broken, or of another query', async () => {
    const store = await open();
    await store.bulkSet(NUMBERED);
    const query = { filter: { LT: { n: 30 } }, sort: [{ key: 'n' }] } as const;
    const { token = '' } = await store.query({ ...query, page: { limit: 3 } });
    assert.notEqual(token, '');
    const others: [Query, string][] = [
      [query, 'nonsense'],
      [query, '!'],
      [query, token.slice(1)],
      [query, token.slice(0, -1)],
      [query, `${token.slice(0, 8)}${token[8] === 'A' ? 'B' : 'A'}${token.slice(9)}`],
      [query, `${token}AAAA${token}`],
      [query, Buffer.from([...Buffer.from(token, 'base64url'), 0x0a]).toString('base64url')],
      [{ ...query, sort: [{ key: 'n', order: 'DESC' }] }, token],
      [{ ...query, sort: [] }, token],
      [{ ...query, filter: { LT: { n: 31 } } }, token],
      [{ ...query, filter: { LTE: { n: 30 } } }, token],
    ];
    for (const [other, bad] of others) {
      const call = store.query({ ...other, page: { limit: 3, token: bad } });
      await refuses(call, 'INVALID_ARGUMENT', /page\.token is not one that this query gave/);
    }
  });
});

import { QueryRequest } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { QUICK, describeStores, refuses } from './stores.ts';

const fine = { EQ: { a: 1 } };
const steps = (count: number): string => Array(count).fill('a').join('.');

const FILTERS: readonly [Record<string, unknown>, RegExp][] = [
  [{ FOO: {} }, /^filter\.FOO is no operator: there are EQ, NEQ/],
  [{ eq: { a: 1 } }, /^filter\.eq is no operator/],
  [{ EQ: 1 }, /^filter\.EQ must be an object with one path/],
  [{ EQ: {} }, /^filter\.EQ must be an object with one path/],
  [{ EQ: { a: 1, b: 2 } }, /^filter\.EQ must have one path only/],
  [{ EQ: { '': 1 } }, /^filter\.EQ\. must be names joined by dots/],
  [{ EQ: { 'a..b': 1 } }, /^filter\.EQ\.a\.\.b must be names joined by dots/],
  [{ EQ: { [steps(201)]: 1 } }, /200 at the most/],
  [{ EQ: { a: {} } }, /^filter\.EQ\.a must be a string, a number, true, false or null/],
  [{ GT: { a: [] } }, /^filter\.GT\.a must be a string, a number/],
  [{ IN: { a: 1 } }, /^filter\.IN\.a must be an array/],
  [{ IN: { a: [] } }, /^filter\.IN\.a must not be empty/],
  [{ IN: { a: [1, {}] } }, /^filter\.IN\.a\[1\] must be a string, a number/],
  [{ AND: fine }, /^filter\.AND must be an array of conditions/],
  [{ AND: [] }, /^filter\.AND must have at least two conditions/],
  [{ OR: [fine] }, /^filter\.OR must have at least two conditions/],
  [{ OR: [fine, 5] }, /^filter\.OR\[1\] must be an object with one operator/],
  [{ OR: [fine, {}] }, /^filter\.OR\[1\] must be an object with one operator/],
  [{ OR: [fine, { ...fine, NEQ: { a: 1 } }] }, /^filter\.OR\[1\] must have one operator only/],
  [{ AND: [fine, { OR: [fine, { LTE: 'a' }] }] }, /^filter\.AND\[1\]\.OR\[1\]\.LTE must be an/],
  [{ ...fine, GT: { b: 1 } }, /^filter must have one operator only/],
];

describeStores('mistakes in queries', QUICK, (open) => {
  for (const [filter, message] of FILTERS) {
    it(`are named: ${JSON.stringify(filter).slice(0, 70)}`, async () => {
      await refuses((await open()).query({ filter }), 'INVALID_ARGUMENT', message);
    });
  }

  it('are named: a filter that is not JSON', async () => {
    const store = await open();
    for (const [text, at] of [
      ['{"a":1', 6],
      ['', 0],
      ['{"a":1}}', 7],
      ['{"a":+1}', 5],
    ] as const) {
      const request = QueryRequest.encode({
        query: {
          filter: { EQ: { typeUrl: '', value: Buffer.from(text) } },
          sort: [],
          pagination: undefined,
        },
        metadata: {},
      }).finish();
      const message = new RegExp(`^filter\\.EQ is not JSON .*byte ${at}\\)$`);
      await refuses(store.call('Query', request), 'INVALID_ARGUMENT', message);
    }
  });

  it('are named: conditions that nest too deep', async () => {
    const store = await open();
    let filter: Record<string, unknown> = fine;
    for (let i = 0; i < 150; i++) filter = { AND: [fine, filter] };
    await refuses(store.query({ filter }), 'INVALID_ARGUMENT', /^filter\.AND is not JSON/);
  });

  it('are named: sort and page', async () => {
    const store = await open();
    const sort = [{ key: 'a' }, { key: 'b.' }];
    await refuses(store.query({ sort }), 'INVALID_ARGUMENT', /^sort\[1\]\.key must be names/);
    const request = QueryRequest.encode({
      query: { filter: {}, sort: [{ key: 'a', order: 2 as 1 }], pagination: undefined },
      metadata: {},
    }).finish();
    await refuses(
      store.call('Query', request),
      'INVALID_ARGUMENT',
      /^sort\[0\]\.order must be ASC/,
    );
    const page = { limit: -1 };
    await refuses(store.query({ page }), 'INVALID_ARGUMENT', /^page\.limit must not be negative/);
  });
});

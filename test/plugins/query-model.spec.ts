import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Query, StateStore } from '../../src/index.ts';
import { QUICK, describeStores } from './stores.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Filter = Record<string, unknown>;
type SortKey = { key: string; order: 'ASC' | 'DESC' };

const MISSING = Symbol('missing');
type Value = Json | typeof MISSING;

interface Item {
  readonly key: string;
  readonly text: string;
  /** Undefined: not JSON. */
  readonly value: Json | undefined;
}

// The model: what the answer has to be, worked out the plain way.

function lookUp(document: Json, path: string): Value {
  let value: Json = document;
  for (const step of path.split('.')) {
    let next: Json | undefined;
    if (Array.isArray(value)) next = /^(0|[1-9]\d*)$/.test(step) ? value[Number(step)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step))
      next = value[step];
    if (next === undefined) return MISSING;
    value = next;
  }
  return value;
}

function kind(value: Value): string {
  if (value === null) return 'null';
  return typeof value;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Of two values of the same kind. */
function compare(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return byBytes(a, b);
  if (a === null || typeof a === 'object') return 0;
  return Number(a) - Number(b);
}

function matches(document: Json, filter: Filter): boolean {
  const [operator = '', operand] = Object.entries(filter)[0] ?? [];
  if (operator === 'AND') return (operand as Filter[]).every((part) => matches(document, part));
  if (operator === 'OR') return (operand as Filter[]).some((part) => matches(document, part));
  const [path = '', wanted] = Object.entries(operand as Record<string, Json>)[0] ?? [];
  const value = lookUp(document, path);
  const equals = (other: Json): boolean =>
    kind(value) === kind(other) && compare(value, other) === 0;
  if (operator === 'IN') return (wanted as Json[]).some(equals);
  if (operator === 'EQ') return equals(wanted as Json);
  if (operator === 'NEQ') return !equals(wanted as Json);
  if (kind(value) !== kind(wanted as Json)) return false;
  const order = compare(value, wanted as Json);
  return { GT: order > 0, GTE: order >= 0, LT: order < 0, LTE: order <= 0 }[operator] ?? false;
}

const KINDS = ['boolean', 'number', 'string'];

function compareItems(a: Item, b: Item, sort: readonly SortKey[]): number {
  for (const { key, order } of sort) {
    const left = a.value === undefined ? MISSING : lookUp(a.value, key);
    const right = b.value === undefined ? MISSING : lookUp(b.value, key);
    const [leftKind, rightKind] = [KINDS.indexOf(kind(left)), KINDS.indexOf(kind(right))];
    if (leftKind < 0 || rightKind < 0) {
      if (leftKind < 0 !== rightKind < 0) return leftKind < 0 ? 1 : -1;
      continue;
    }
    const compared = leftKind === rightKind ? compare(left, right) : leftKind - rightKind;
    if (compared !== 0) return order === 'DESC' ? -compared : compared;
  }
  return byBytes(a.key, b.key);
}

function answer(
  items: readonly Item[],
  filter: Filter | undefined,
  sort: readonly SortKey[],
): string[] {
  return items
    .filter(({ value }) => filter === undefined || (value !== undefined && matches(value, filter)))
    .toSorted((a, b) => compareItems(a, b, sort))
    .map((item) => item.key);
}

// What is asked of both.

const scalar = fc.oneof(
  fc.constantFrom<Json>(
    0,
    1,
    2,
    10,
    1.5,
    -3,
    1e21,
    1e-7,
    'a',
    'b',
    'é',
    '\u{1f600}',
    '"\\',
    '',
    true,
    false,
    null,
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const name = fc.constantFrom('a', 'b', 'c', '0', '1', 'é', 'q"');
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(name, tie('json'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((steps) => steps.join('.'));
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc
      .tuple(fc.constantFrom('EQ', 'NEQ', 'GT', 'GTE', 'LT', 'LTE'), path, scalar)
      .map(([operator, at, value]) => ({ [operator]: { [at]: value } })),
    fc
      .tuple(path, fc.array(scalar, { minLength: 1, maxLength: 4 }))
      .map(([at, values]) => ({ IN: { [at]: values } })),
    fc
      .tuple(fc.constantFrom('AND', 'OR'), fc.array(tie('filter'), { minLength: 2, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
  ),
}));
const sort = fc.array(
  fc.record({ key: path, order: fc.constantFrom('ASC' as const, 'DESC' as const) }),
  {
    maxLength: 2,
  },
);

/** Other text for the same value: every character that is not ASCII escaped. */
function escaped(value: Json): string {
  const unit = (text: string): string => `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, unit);
}

const item = fc
  .tuple(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
    fc.dictionary(name, json, { maxKeys: 5, noNullPrototype: true }),
    fc.constantFrom('plain', 'plain', 'spaced', 'escaped', 'broken'),
  )
  .map(([key, value, form]): Item => {
    if (form === 'broken') return { key, text: `${JSON.stringify(value)},`, value: undefined };
    const text =
      form === 'escaped' ? escaped(value) : JSON.stringify(value, null, form === 'spaced' ? 2 : 0);
    // As it is read back: -0 is 0, for example.
    return { key, text, value: JSON.parse(text) as Json };
  });

async function allPages(store: StateStore, query: Query, limit: number): Promise<string[]> {
  const found: string[] = [];
  let token = '';
  do {
    const page = await store.query({ ...query, page: { limit, token } });
    assert.ok(limit === 0 || page.items.length <= limit);
    found.push(...page.items.map(({ key }) => key));
    token = page.token ?? '';
    assert.ok(found.length < 100, 'the pages do not end');
  } while (token !== '');
  return found;
}

describeStores('any query', QUICK, (open) => {
  it('is answered as a plain model answers it, page by page', async function () {
    this.timeout(120_000);
    const store = await open();
    const items = fc.uniqueArray(item, { selector: ({ key }) => key, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        items,
        fc.option(filter, { nil: undefined }),
        sort,
        fc.nat(5),
        async (held, condition, order, limit) => {
          await store.bulkSet(held.map(({ key, text }) => ({ key, value: text })));
          const query = { sort: order, ...(condition === undefined ? {} : { filter: condition }) };
          const found = await allPages(store, query, limit);
          // As the filter arrives: JSON has one zero only.
          const arrived = condition && (JSON.parse(JSON.stringify(condition)) as Filter);
          assert.deepEqual(found, answer(held, arrived, order));
          await store.bulkDelete(held.map(({ key }) => ({ key })));
        },
      ),
      { numRuns: 1500, seed: 7 },
    );
  });
});

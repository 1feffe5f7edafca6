import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Operation, StateStore } from '../../src/index.ts';
import { QUICK, describeStores, refusal } from './stores.ts';

const KEYS = ['a', 'ab', 'b', 'a\0', 'é', '\u{1f600}'];

interface Plan {
  readonly operation: 'set' | 'delete';
  readonly key: string;
  readonly value: string;
  readonly contentType: string;
  readonly firstWrite: boolean;
  /** The key's etag now, one that it had before, or one that none has. */
  readonly etag: 'none' | 'current' | 'former' | 'strange';
}

interface Held {
  readonly value: string;
  readonly contentType: string;
  readonly etag: string;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  operation: fc.constantFrom('set', 'set', 'delete'),
  key: fc.constantFrom(...KEYS),
  value: fc.string({ maxLength: 40 }),
  contentType: fc.constantFrom('', 'text/plain'),
  firstWrite: fc.boolean(),
  etag: fc.constantFrom('none', 'none', 'none', 'current', 'current', 'former', 'strange'),
});
const step = fc.record({
  by: fc.constantFrom('single', 'bulk', 'transaction'),
  plans: fc.array(plan, { minLength: 1, maxLength: 5 }),
});

/** What the store has to hold, with the etags that it gave. */
class Model {
  readonly held = new Map<string, Held>();
  /** Every etag that a key ever had. */
  readonly former = new Map<string, string[]>();

  etag({ key, etag }: Plan): string | undefined {
    const current = this.held.get(key)?.etag;
    if (etag === 'none') return undefined;
    if (etag === 'strange') return 'no-such-etag';
    if (etag === 'current') return current ?? '1';
    return this.former.get(key)?.find((old) => old !== current) ?? '1';
  }

  /** What the keys are to hold afterwards, or undefined where the whole is to fail. */
  outcome(plans: readonly Plan[]): Map<string, Plan | Held> | undefined {
    const after = new Map<string, Plan | Held>(this.held);
    const touched = new Set<string>();
    for (const one of plans) {
      const etag = this.etag(one);
      if (etag !== undefined) {
        if (touched.has(one.key) || this.held.get(one.key)?.etag !== etag) return undefined;
      } else if (one.firstWrite && one.operation === 'set' && after.has(one.key)) {
        return undefined;
      }
      touched.add(one.key);
      if (one.operation === 'set') after.set(one.key, one);
      else after.delete(one.key);
    }
    return after;
  }

  /** Takes over what the store holds, after it was found to be right. */
  async follow(store: StateStore, after: ReadonlyMap<string, Plan | Held>): Promise<void> {
    const items = await store.bulkGet(KEYS);
    for (const [i, key] of KEYS.entries()) {
      const item = items[i];
      const wanted = after.get(key);
      assert.equal(item !== undefined, wanted !== undefined, `key ${JSON.stringify(key)}`);
      if (item === undefined || wanted === undefined) {
        this.held.delete(key);
        continue;
      }
      const value = Buffer.from(item.data).toString();
      assert.deepEqual([value, item.contentType], [wanted.value, wanted.contentType]);
      const etag = item.etag ?? '';
      const known = this.former.get(key) ?? [];
      if (wanted === this.held.get(key)) assert.equal(etag, this.held.get(key)?.etag);
      else assert.ok(!known.includes(etag), 'an etag came again');
      this.former.set(key, [...known, etag]);
      this.held.set(key, { value, contentType: item.contentType, etag });
    }
  }
}

function toOperation(model: Model, one: Plan): Operation {
  const { operation, key, value, contentType, firstWrite } = one;
  const etag = model.etag(one);
  const options = {
    key,
    concurrency: firstWrite ? 'first-write' : 'last-write',
    ...(etag === undefined ? {} : { etag }),
  } as const;
  return operation === 'set'
    ? { operation, ...options, value, contentType }
    : { operation, ...options };
}

async function send(
  store: StateStore,
  by: string,
  operations: readonly Operation[],
): Promise<void> {
  if (by === 'transaction') return store.transact(operations);
  const sets = operations.filter((one) => one.operation === 'set');
  if (by === 'bulk') {
    return sets.length > 0 ? store.bulkSet(sets) : store.bulkDelete(operations);
  }
  const [first] = operations;
  assert.ok(first !== undefined);
  if (first.operation === 'set') return store.set(first.key, first.value, first);
  return store.delete(first.key, first);
}

/** The plans that a step carries out: one, those of one kind, or all. */
function carriedOut(by: string, plans: readonly Plan[]): readonly Plan[] {
  if (by === 'single') return plans.slice(0, 1);
  if (by === 'transaction') return plans;
  const sets = plans.filter((one) => one.operation === 'set');
  return sets.length > 0 ? sets : plans;
}

describeStores('any sequence of writes', QUICK, (open) => {
  it('leaves what a plain model holds', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        await using store = await open();
        const model = new Model();
        for (const { by, plans } of steps) {
          const sent = carriedOut(by, plans);
          const after = model.outcome(sent);
          const call = send(
            store,
            by,
            sent.map((one) => toOperation(model, one)),
          );
          if (after === undefined) assert.equal((await refusal(call)).is, 'ETAG_MISMATCH');
          else await call;
          await model.follow(store, after ?? model.held);
        }
        const { items } = await store.query({});
        const keys = [...model.held.keys()].toSorted((a, b) =>
          Buffer.compare(Buffer.from(a), Buffer.from(b)),
        );
        assert.deepEqual(
          items.map(({ key, data, etag }) => [key, Buffer.from(data).toString(), etag]),
          keys.map((key) => [key, model.held.get(key)?.value, model.held.get(key)?.etag]),
        );
      }),
      { numRuns: 150, seed: 11 },
    );
  });
});

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { Check, Write } from '../../src/gen/wasmstate/kv/v1/kv.ts';
import { bytes, hasVersion, isAbsent, isPresent, put, remove, type Client } from './client.ts';

/** Few keys, so that operations meet, and unlike enough that their order matters. */
const KEYS = [[], [0], [0x61], [0x61, 0], [0x61, 0x61], [0x62], [0xff], [0xff, 0xff]].map((key) =>
  Buffer.from(key),
);
const key = fc.constantFrom(...KEYS);
const value = fc.uint8Array({ maxLength: 6 }).map((array) => Buffer.from(array));

type CheckPlan = { key: Buffer; is: 'absent' | 'present' | 'current' | 'stale' };
type WritePlan = { key: Buffer; value?: Buffer | undefined; ttl: 'never' | 'long' | 'over' };
type Step =
  | { do: 'commit'; checks: CheckPlan[]; writes: WritePlan[] }
  | { do: 'get'; keys: Buffer[] }
  | { do: 'scan'; prefix: Buffer; start: Buffer; end: Buffer; limit: number; keysOnly: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      checks: fc.array(
        fc.record({ key, is: fc.constantFrom('absent', 'present', 'current', 'stale') }),
        { maxLength: 2 },
      ),
      writes: fc.array(
        fc.record({
          key,
          value: fc.option(value, { nil: undefined, freq: 4 }),
          ttl: fc.constantFrom('never', 'never', 'never', 'long', 'over'),
        }),
        { maxLength: 5 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('get' as const),
      keys: fc.array(key, { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('scan' as const),
      prefix: fc.oneof(fc.constant(Buffer.alloc(0)), key),
      start: key,
      end: key,
      limit: fc.integer({ min: 0, max: 3 }),
      keysOnly: fc.boolean(),
    }),
  },
);

interface Held {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly version: bigint;
}

/** What a keyspace should be: a map, and every version that it ever gave. */
class Model {
  readonly #held = new Map<string, Held>();
  #last = 0n;

  get(wanted: Buffer): Held | undefined {
    return this.#held.get(wanted.toString('latin1'));
  }

  check(plan: CheckPlan): { message: Check; holds: boolean } {
    const held = this.get(plan.key);
    switch (plan.is) {
      case 'absent':
        return { message: isAbsent(plan.key), holds: held === undefined };
      case 'present':
        return { message: isPresent(plan.key), holds: held !== undefined };
      case 'current':
        return { message: hasVersion(plan.key, held?.version ?? 1n), holds: held !== undefined };
      case 'stale':
        return { message: hasVersion(plan.key, this.#last + 1n), holds: false };
    }
  }

  write(plans: readonly WritePlan[], version: bigint): void {
    if (version !== 0n) {
      assert.ok(version > this.#last, 'versions grow');
      this.#last = version;
    }
    for (const plan of plans) {
      const name = plan.key.toString('latin1');
      if (plan.value === undefined || plan.ttl === 'over') this.#held.delete(name);
      else this.#held.set(name, { key: plan.key, value: plan.value, version });
    }
  }

  scan(of: Extract<Step, { do: 'scan' }>): Held[] {
    return [...this.#held.values()]
      .filter(({ key: name }) => name.subarray(0, of.prefix.length).equals(of.prefix))
      .filter(({ key: name }) => Buffer.compare(name, of.start) >= 0)
      .filter(({ key: name }) => of.end.length === 0 || Buffer.compare(name, of.end) < 0)
      .toSorted((a, b) => Buffer.compare(a.key, b.key));
  }
}

async function perform(kv: Client, model: Model, now: Step): Promise<void> {
  switch (now.do) {
    case 'get': {
      const entries = await kv.get(...now.keys);
      const found = entries.map((entry) =>
        entry.found ? [entry.value, entry.version] : undefined,
      );
      const held = now.keys.map((name) => model.get(name));
      assert.deepEqual(
        found,
        held.map((entry) => entry && [entry.value, entry.version]),
      );
      return;
    }
    case 'scan': {
      const { do: _, ...options } = now;
      const entries = await kv.entries(options);
      assert.deepEqual(
        entries.map((entry) => [entry.key, entry.value, entry.version]),
        model
          .scan(now)
          .map((held) => [held.key, now.keysOnly ? Buffer.alloc(0) : held.value, held.version]),
      );
      return;
    }
    case 'commit': {
      const checks = now.checks.map((plan) => model.check(plan));
      const expected = checks.findIndex(({ holds }) => !holds);
      const messages = checks.map(({ message }) => message);
      const response = await kv.tryCommit(now.writes.map(writeOf), messages);
      assert.equal(response.error, undefined);
      assert.equal(response.failedCheck?.index ?? -1, expected);
      if (expected >= 0) return;
      const until = Date.now() + 2;
      if (now.writes.some(({ ttl }) => ttl === 'over')) while (Date.now() <= until) await pause(1);
      model.write(now.writes, response.version);
    }
  }
}

function writeOf(plan: WritePlan): Write {
  if (plan.value === undefined) return remove(plan.key);
  return put(plan.key, plan.value, { never: 0, long: 3_600_000, over: 1 }[plan.ttl]);
}

/** Registers the test that random operations answer as a plain map does. */
export function describeModel(open: () => Client): void {
  it('answers random operations as a plain map would', async function () {
    this.timeout(60_000);
    const kv = open();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await kv.commit(KEYS.map((name) => remove(name)));
        const model = new Model();
        for (const now of steps) await perform(kv, model, now);
        const left = await kv.entries();
        assert.deepEqual(
          left.map(({ key: name }) => bytes(name)),
          model
            .scan({
              do: 'scan',
              prefix: bytes(''),
              start: bytes(''),
              end: bytes(''),
              limit: 0,
              keysOnly: false,
            })
            .map((held) => held.key),
        );
      }),
      { seed: 20_260_101, numRuns: 60 },
    );
  });
}

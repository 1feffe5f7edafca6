import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { endless, GuestPool } from './guest-pool.ts';

const EMPTY = new Uint8Array();
const cancelled = { code: 'CANCELLED' };

describe('calls that wait for an instance', () => {
  /** A pool whose only instance sleeps until it is woken. */
  async function busy(queue = 100): Promise<GuestPool & { readonly asleep: Promise<void> }> {
    const guests = new GuestPool({ max: 1, queue });
    await guests.pool.fill();
    return Object.assign(guests, { asleep: assert.rejects(guests.sleep(), cancelled) });
  }

  it('are answered in the order in which they came', async () => {
    await using guests = await busy();
    const order: number[] = [];
    const calls = Array.from({ length: 10 }, async (_, i) => {
      await guests.count();
      order.push(i);
    });
    guests.wake();
    await Promise.all([guests.asleep, ...calls]);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(guests.made, 2);
  });

  it('are refused beyond the number that may wait, and it is said what to raise', async () => {
    await using guests = await busy(2);
    const waiting = [guests.count(), guests.count()];
    await assert.rejects(guests.count(), {
      code: 'LIMIT_EXCEEDED',
      message:
        /the pool: every instance is busy and 2 calls wait already; raise pool\.max or limits/,
    });
    guests.wake();
    await guests.asleep;
    assert.deepEqual(await Promise.all(waiting), [1, 2]);
  });

  it('are all refused where none may wait', async () => {
    await using guests = await busy(0);
    await assert.rejects(guests.count(), { code: 'LIMIT_EXCEEDED' });
  });

  it('end at their deadline, and leave their place to others', async () => {
    await using guests = await busy(1);
    const call = { ...endless(), deadline: performance.now() + 20 };
    await assert.rejects(async () => guests.pool.call('Get', EMPTY, call), {
      code: 'DEADLINE_EXCEEDED',
      message: /while it waited for an instance/,
    });
    const next = guests.count();
    guests.wake();
    await guests.asleep;
    assert.equal(await next, 1);
  });

  it('end when they are cancelled, before and while they wait', async () => {
    await using guests = await busy(1);
    const caller = new AbortController();
    const waiting = Promise.resolve(guests.pool.call('Get', EMPTY, endless(caller.signal)));
    caller.abort();
    await assert.rejects(waiting, cancelled);
    const late = Promise.resolve(guests.pool.call('Get', EMPTY, endless(caller.signal)));
    await assert.rejects(late, cancelled);
    const next = guests.count();
    guests.wake();
    await guests.asleep;
    assert.equal(await next, 1);
  });

  it('have only what is left of their time when they get one', async () => {
    await using guests = new GuestPool({ max: 1 });
    await guests.pool.fill();
    const first = new AbortController();
    const asleep = assert.rejects(guests.sleep(first.signal), cancelled);
    const [deadline, limit] = [performance.now() + 60_000, 60_000];
    const rests: number[] = [];
    const waiting = guests.pool.use({ deadline, limit }, (_, rest) => {
      rests.push(rest.limit, deadline - performance.now());
    });
    await pause(20);
    first.abort();
    await Promise.all([asleep, waiting]);
    const [rest = 0, left = 0] = rests;
    assert.ok(rest <= limit - 19 && Math.abs(rest - left) < 10, `${rest} of ${left} ms`);
  });

  it('do not wait for an instance that is made past their time, which then serves others', async () => {
    const gate = Promise.withResolvers<void>();
    await using guests = new GuestPool({
      max: 1,
      queue: 0,
      create: () => gate.promise.then(() => guests.create()),
    });
    const call = { ...endless(), deadline: performance.now() + 20 };
    await assert.rejects(async () => guests.pool.call('Get', EMPTY, call), {
      code: 'DEADLINE_EXCEEDED',
      message: /while it waited for an instance/,
    });
    gate.resolve();
    while (guests.made === 0) await pause(1);
    assert.equal(await guests.count(), 1);
    assert.equal(guests.made, 1);
  });

  it('get a new instance where the one that they waited for failed', async () => {
    await using guests = await busy();
    const waiting = [guests.trap(), guests.count(), guests.trap(), guests.count()];
    guests.wake();
    await guests.asleep;
    const outcomes = await Promise.allSettled(waiting);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(
      guests.failures.map(({ code }) => code),
      ['CANCELLED', 'GUEST_FAILED', 'GUEST_FAILED'],
    );
    assert.equal(guests.pool.size, 1);
  });

  for (const kind of ['at once', 'later'] as const) {
    it(`all fail where no instance can be made any more, which is said ${kind}`, async () => {
      await using guests = new GuestPool({
        max: 1,
        create: () => {
          if (guests.made > 0 && kind === 'later') return Promise.reject(new Error('no memory'));
          if (guests.made > 0) throw new Error('no memory');
          return guests.create();
        },
      });
      await guests.pool.fill();
      const asleep = assert.rejects(guests.sleep(), cancelled);
      const waiting = Array.from({ length: 5 }, () => assert.rejects(guests.count(), /no memory/));
      guests.wake();
      await asleep;
      await Promise.all(waiting);
      assert.equal(guests.pool.size, 0);
    });
  }
});

import assert from 'node:assert/strict';
import { endless, GuestPool } from './guest-pool.ts';

const cancelled = { code: 'CANCELLED' };

describe('a pool of instances', () => {
  it('answers one call after another with one instance', async () => {
    await using guests = new GuestPool();
    await guests.pool.fill();
    for (let i = 1; i <= 10; i += 1) assert.equal(await guests.count(), i);
    assert.equal(guests.made, 1);
    assert.equal(guests.pool.size, 1);
  });

  it('grows by as many instances as are suspended, up to its maximum', async () => {
    await using guests = new GuestPool({ max: 3 });
    const asleep = Array.from({ length: 2 }, () => assert.rejects(guests.sleep(), cancelled));
    assert.equal(guests.pool.size, 2);
    assert.equal(await guests.count(), 1);
    assert.equal(guests.pool.size, 3);
    asleep.push(assert.rejects(guests.sleep(), cancelled));
    const waiting = guests.count();
    assert.equal(guests.pool.size, 3);
    guests.wake();
    await Promise.all(asleep);
    assert.equal(await waiting, 1);
    assert.equal(guests.made, 4);
  });

  it('takes the instance that was used last, so that the others can go', async () => {
    await using guests = new GuestPool();
    await Promise.all(Array.from({ length: 3 }, () => guests.count()));
    assert.equal(guests.pool.size, 3);
    const counts = [];
    for (let i = 0; i < 4; i += 1) counts.push(await guests.count());
    assert.deepEqual(counts, [2, 3, 4, 5]);
  });

  it('lets instances go that nobody needed, but the last', async () => {
    await using guests = new GuestPool({ idle: 20 });
    await Promise.all(Array.from({ length: 4 }, () => guests.count()));
    assert.equal(guests.pool.size, 4);
    while (guests.pool.size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
    // Nothing waits for the last one to go, so this is only that it has not gone with the others.
    assert.equal(guests.pool.size, 1);
    assert.equal(await guests.count(), 2);
    assert.deepEqual(guests.failures, []);
  });

  it('fails to be filled where the first instance cannot be made, and may be filled later', async () => {
    await using guests = new GuestPool();
    guests.broken = new Error('no memory');
    await assert.rejects(guests.pool.fill(), /no memory/);
    assert.equal(guests.pool.size, 0);
    guests.broken = undefined;
    assert.equal(await guests.count(), 1);
  });

  it('runs longer work with an instance that is nobody else’s', async () => {
    await using guests = new GuestPool();
    const call = endless();
    const work = guests.pool.use(call, async (instance) => {
      await instance.call('Get', new Uint8Array(), call);
      assert.equal(await guests.count(), 1);
      return (await instance.call('Get', new Uint8Array(), call)).length / 2;
    });
    assert.equal(await work, 2);
    assert.equal(guests.made, 2);
  });
});

import assert from 'node:assert/strict';
import { GuestPool } from './guest-pool.ts';

const cancelled = { code: 'CANCELLED' };

describe('a pool that is closed', () => {
  it('lets the calls end that it has taken, those that wait too', async () => {
    const guests = new GuestPool({ max: 1 });
    await guests.pool.fill();
    const asleep = assert.rejects(guests.sleep(), cancelled);
    const waiting = guests.count();
    let closed = false;
    const closing = guests.pool.close().then(() => (closed = true));
    // A turn of the event loop, in which it would close if it did not wait.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(closed, false);
    guests.wake();
    await asleep;
    assert.equal(await waiting, 1);
    await closing;
    assert.equal(guests.pool.size, 0);
  });

  it('takes no more calls', async () => {
    const guests = new GuestPool();
    await guests.pool.fill();
    await guests.pool.close();
    await assert.rejects(guests.count(), { code: 'UNAVAILABLE', message: /the pool is closed/ });
  });

  it('is closed also where its last instance cannot be replaced', async () => {
    const guests = new GuestPool({ max: 1 });
    await guests.pool.fill();
    const asleep = assert.rejects(guests.sleep(), cancelled);
    const waiting = assert.rejects(guests.count(), /no memory/);
    const closing = guests.pool.close();
    guests.broken = new Error('no memory');
    guests.wake();
    await asleep;
    await waiting;
    await closing;
    assert.equal(guests.pool.size, 0);
  });

  it('is closed also where the only call that it has ends while it waits', async () => {
    const guests = new GuestPool({ max: 1 });
    await guests.pool.fill();
    const asleep = assert.rejects(guests.sleep(), cancelled);
    const closing = guests.pool.close();
    guests.wake();
    await asleep;
    await closing;
    assert.equal(guests.pool.size, 0);
  });
});

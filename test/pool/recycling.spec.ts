import assert from 'node:assert/strict';
import { GuestPool } from './guest-pool.ts';

const PAGE = 65_536;

describe('an instance', () => {
  it('is replaced after maxCalls calls, between calls', async () => {
    await using guests = new GuestPool({ maxCalls: 3 });
    const counts = [];
    for (let i = 0; i < 8; i += 1) counts.push(await guests.count());
    assert.deepEqual(counts, [1, 2, 3, 1, 2, 3, 1, 2]);
    assert.deepEqual(guests.failures, []);
  });

  it('is replaced once its memory is above maxMemory', async () => {
    await using guests = new GuestPool({ maxMemory: 16 * PAGE });
    assert.equal(await guests.count(), 1);
    await guests.grow();
    assert.equal(await guests.count(), 2);
    await guests.grow();
    assert.equal(await guests.count(), 1);
    assert.equal(guests.made, 2);
    assert.deepEqual(guests.failures, []);
  });

  it('is replaced when it failed, and only it', async () => {
    await using guests = new GuestPool();
    await Promise.all([guests.count(), guests.count()]);
    await assert.rejects(guests.trap(), { code: 'GUEST_FAILED', message: /trapped/ });
    assert.equal(guests.pool.size, 1);
    assert.equal(await guests.count(), 2);
    assert.equal(guests.failures.length, 1);
  });

  it('stays where it answered with an error of its own', async () => {
    await using guests = new GuestPool();
    await guests.count();
    await assert.rejects(async () => guests.pool.call('Query', new Uint8Array(), endlessCall), {
      code: 'UNSUPPORTED',
    });
    assert.equal(await guests.count(), 2);
  });
});

const endlessCall = { deadline: Infinity, limit: 60_000 };

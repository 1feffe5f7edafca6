import assert from 'node:assert/strict';
import { InterruptWatch } from '../../src/guest/interrupt-watch.ts';
import { endless, GuestPool } from '../pool/guest-pool.ts';

describe('a guest that waits in a host function at its deadline', () => {
  it('is said to have waited, though it is told to stop just before', async () => {
    await using guests = new GuestPool({ max: 1 });
    await guests.pool.fill();
    const watch = new InterruptWatch(guests.meter.words);
    const call = { ...endless(), deadline: performance.now() + 50, limit: 50 };
    const asleep = Promise.resolve(guests.pool.call('Set', new Uint8Array(), call));
    watch.look(0);
    watch.look(100);
    await assert.rejects(asleep, {
      code: 'DEADLINE_EXCEEDED',
      message: /while the guest waited in a host function/,
    });
  });
});

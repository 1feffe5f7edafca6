import assert from 'node:assert/strict';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import { untilAnswered } from './until.ts';
import { SPIN, watGuest } from './wat-guest.ts';

describe('a guest that never returns', () => {
  const served = Served.forTests(async (folders) => {
    const spin = watGuest({ exports: { set: SPIN }, value: 'well' });
    const limits = { call: '300ms', init: '300ms' };
    await folders.addPlugin('spin', spin, { limits });
    await folders.addPlugin('uninterrupted', spin, { limits, interrupt: false });
    await folders.addPlugin('init', watGuest({ exports: { init: SPIN } }), { limits });
    await folders.addPlugin('memory', shippedModule('memory'), { limits });
  });
  const threadsLost = () =>
    served.process.logLines({ msg: /plugin thread is lost/ }).map(({ plugin }) => plugin);

  it('is stopped in place, and nothing else on the connection fails', async () => {
    const client = await served.open('spin', 'runaway');
    const other = client.as('other');
    await other.init();
    await using load = SteadyCalls.start(() => other.get('key'));
    await load.more(10);
    for (let i = 0; i < 3; i += 1) {
      await assert.rejects(client.set('key', 'x'), {
        code: 'DEADLINE_EXCEEDED',
        message: /the guest was stopped, as it ran longer than 300 ms/,
      });
      assert.equal(await client.text('key'), 'well');
    }
    await load.more(10);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.ok(client.isConnected);
    assert.deepEqual(threadsLost(), []);
  });

  it('is stopped while several callers ask for it at once', async () => {
    const client = await served.open('spin', 'several');
    const calls = Array.from({ length: 4 }, () => client.set('key', 'x'));
    for (const { status } of await Promise.allSettled(calls)) assert.equal(status, 'rejected');
    assert.equal(await client.text('key'), 'well');
    assert.deepEqual(threadsLost(), []);
  });

  it('is stopped in Init too, which then failed', async () => {
    const client = served.connect('init');
    await assert.rejects(client.init(), { code: 'DEADLINE_EXCEEDED' });
    await assert.rejects(client.get('key'), { code: 'FAILED_PRECONDITION' });
  });

  it('is ended with its thread where it cannot be stopped, and a successor serves', async () => {
    const neighbour = await served.open('memory', 'neighbour');
    await neighbour.set('key', 'here all along');
    await using load = SteadyCalls.start(() => neighbour.get('key'));
    const client = await served.open('uninterrupted', 'runaway');
    const idle = await served.open('uninterrupted', 'idle');
    for (let i = 1; i <= 3; i += 1) {
      const calls = [client.set('key', 'x'), client.as('idle').get('key')];
      for (const call of calls) await assert.rejects(call, { code: 'UNAVAILABLE' });
      for (const who of [client, idle]) {
        const failures = await untilAnswered(() => who.get('key'));
        assert.deepEqual(
          failures.filter(({ code }) => code !== 'UNAVAILABLE'),
          [],
        );
      }
      assert.equal(threadsLost().length, i);
      await load.more(10);
    }
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(await neighbour.text('key'), 'here all along');
    assert.ok(neighbour.isConnected);
    assert.deepEqual(new Set(threadsLost()), new Set(['uninterrupted']));
    const lines = served.process.logLines({ msg: /plugin thread is lost with the state/ });
    assert.deepEqual(
      lines.map((line) => line['losses']),
      [1, 2, 3],
    );
    assert.match(String(lines[0]?.['error']), /ran past its limit and is ended with its thread/);
  });
});

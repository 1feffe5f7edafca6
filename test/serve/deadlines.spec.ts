import assert from 'node:assert/strict';
import { guestModule, needGuest } from '../guests/built.ts';
import { Served } from './served.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

/** Guests sleep longer than any test may take, so that whoever is answered did not wait for them. */
const ASLEEP = 600_000;
const deadlineExceeded = { code: 'DEADLINE_EXCEEDED' };

describe('a call that takes long', () => {
  const served = Served.forTests(async (folders) => {
    const sleeper = watGuest({
      imports: SLEEP_IMPORT,
      fields: sleepFields(ASLEEP),
      exports: { set: `${SLEEP} ${answer(0, 0)}` },
      value: 'awake',
    });
    const limits = { call: '10m' };
    await folders.addPlugin('host', sleeper, { state: 'host', limits, pool: { max: 1 } });
    await folders.addPlugin('pair', sleeper, {
      state: 'host',
      limits: { ...limits, queue: 1 },
      pool: { max: 2 },
    });
    await folders.addPlugin('limited', sleeper, { limits: { call: '300ms' } });
  });

  it('ends at its deadline, and its instance is free for others at once', async () => {
    const client = await served.open('host');
    await assert.rejects(client.set('key', 'x', {}, { timeout: 300 }), deadlineExceeded);
    assert.equal(await client.text('key'), 'awake');
  });

  it('ends when it is cancelled, and its instance is free for others at once', async () => {
    const client = await served.open('host', 'cancelled');
    const caller = new AbortController();
    const asleep = client.set('key', 'x', {}, { signal: caller.signal });
    const waiting = client.text('key');
    // Calls of one connection arrive in order: after this answer the server has both.
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    caller.abort();
    await assert.rejects(asleep, { code: 'CANCELLED' });
    assert.equal(await waiting, 'awake');
  });

  it('ends at limits.call where the caller has more patience', async () => {
    const client = await served.open('limited');
    await assert.rejects(client.set('key', 'x'), {
      ...deadlineExceeded,
      message: /reached its limit while the guest waited in a host function/,
    });
    assert.equal(await client.text('key'), 'awake');
  });

  it('lets others be answered by further instances, up to pool.max and limits.queue', async () => {
    const client = await served.open('pair');
    const caller = new AbortController();
    const { signal } = caller;
    const first = client.set('key', 'x', {}, { signal });
    assert.equal(await client.text('key'), 'awake');
    const second = client.set('key', 'x', {}, { signal });
    const waiting = client.text('key');
    await assert.rejects(client.get('key'), {
      code: 'RESOURCE_EXHAUSTED',
      message: /every instance is busy and 1 calls wait already; raise pool\.max or limits\.queue/,
    });
    caller.abort();
    await assert.rejects(first, { code: 'CANCELLED' });
    await assert.rejects(second, { code: 'CANCELLED' });
    assert.equal(await waiting, 'awake');
  });

  it('may end while it waits for an instance', async () => {
    const client = await served.open('host', 'queue');
    const caller = new AbortController();
    const asleep = client.set('key', 'x', {}, { signal: caller.signal });
    await assert.rejects(client.get('key', {}, { timeout: 200 }), deadlineExceeded);
    caller.abort();
    await assert.rejects(asleep, { code: 'CANCELLED' });
    assert.equal(await client.text('key'), 'awake');
  });

  it('does not reach a guest any more where its deadline is over', async () => {
    const client = await served.open('host', 'late');
    await assert.rejects(client.get('key', {}, { timeout: 0 }), deadlineExceeded);
    assert.equal(await client.text('key'), 'awake');
  });
});

describe('a call that takes long in a Go guest with its own state', () => {
  const served = Served.forTests(async function (folders) {
    needGuest(this, 'go-dapr');
    await folders.addPlugin('go-dapr', guestModule('go-dapr'), {
      limits: { memory: '512MiB', call: '1s' },
    });
  });

  it('ends for an impatient caller, but costs nobody the state', async () => {
    const client = await served.open('go-dapr');
    await client.set('kept', 'value');
    await assert.rejects(client.get('app||sleep:500', {}, { timeout: 50 }), deadlineExceeded);
    const caller = new AbortController();
    const cancelled = client.get('app||sleep:500', {}, { signal: caller.signal });
    caller.abort();
    await assert.rejects(cancelled, { code: 'CANCELLED' });
    assert.equal(await client.text('kept'), 'value');
  });

  it('is answered where it sleeps less than its limit', async () => {
    const client = await served.open('go-dapr', 'sleeper');
    assert.equal(await client.text('app||sleep:300'), 'slept');
  });

  it('ends at limits.call, which costs the state and is logged as that', async () => {
    const client = await served.open('go-dapr', 'limited');
    await client.set('kept', 'value');
    await assert.rejects(client.get('app||sleep:60000'), deadlineExceeded);
    assert.equal(await client.text('kept'), '');
    const lost = { component: 'limited', msg: /the state that it held is lost/ };
    await served.process.logged(lost);
  });
});

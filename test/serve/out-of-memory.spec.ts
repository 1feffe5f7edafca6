import assert from 'node:assert/strict';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import { untilAnswered } from './until.ts';
import { answer, watGuest } from './wat-guest.ts';

describe('a plugin that runs out of memory', () => {
  const served = Served.forTests(async (folders) => {
    const limits = { memory: '4MiB' };
    // Grows as long as it may, and then does as if it could.
    const greedy = `(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (i32.store (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)) ${answer(0, 0)}`;
    await folders.addPlugin('greedy', watGuest({ exports: { set: greedy }, value: 'well' }), {
      limits,
    });
    await folders.addPlugin('full', shippedModule('memory'), { limits });
    await folders.addPlugin('small', watGuest({ value: 'well' }));
    await folders.addPlugin('neighbour', shippedModule('memory'));
  });

  it('grows up to limits.memory, and traps alone where it goes on', async () => {
    const client = await served.open('greedy');
    await assert.rejects(client.set('key', 'x'), {
      code: 'INTERNAL',
      message: /failed in Set: the guest trapped: memory access out of bounds/,
    });
    assert.equal(await client.text('key'), 'well');
    assert.ok(client.isConnected);
  });

  it('says so where it can, and keeps what it has', async () => {
    const client = await served.open('full');
    await client.set('first', 'value');
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 100; i += 1) await client.set(`key ${i}`, Buffer.alloc(100_000));
    };
    await assert.rejects(fill(), { code: 'RESOURCE_EXHAUSTED', message: /raise limits\.memory/ });
    assert.equal(await client.text('first'), 'value');
    // The store keeps a part of what becomes free, so that it can always answer.
    for (let i = 0; i < 10; i += 1) await client.delete(`key ${i}`);
    await client.set('another', 'value');
    assert.deepEqual(served.process.logLines({ plugin: 'full', level: 'error' }), []);
  });

  it("is replaced where it was the thread's JavaScript, and nobody else notices", async function () {
    this.timeout(90_000);
    const client = await served.open('small');
    const neighbour = await served.open('neighbour');
    await neighbour.set('key', 'here all along');
    await using load = SteadyCalls.start(() => neighbour.get('key'), 1);
    // Each of these two bytes is an empty item, and becomes an object of hundreds of bytes.
    const items = Buffer.from('0a00'.repeat(6_000_000), 'hex');
    await assert.rejects(client.call('BulkSet', items), { code: 'UNAVAILABLE' });
    const failures = await untilAnswered(() => client.get('key'));
    assert.deepEqual(
      failures.filter(({ code }) => code !== 'UNAVAILABLE'),
      [],
    );
    await load.more(10);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(await neighbour.text('key'), 'here all along');
    await served.process.logged({ plugin: 'small', error: /heap out of memory/ });
  });
});

import assert from 'node:assert/strict';
import { ServeFolders, shippedModule } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { SteadyCalls } from './steady-calls.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

describe('a process with --takeover', () => {
  it('succeeds the one before without a failing call, with all its components', async function () {
    this.timeout(60_000);
    await using folders = await ServeFolders.make();
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
    const sleeper = {
      imports: SLEEP_IMPORT,
      fields: sleepFields(2000),
      exports: { set: `${SLEEP} ${answer(0, 0)}` },
    };
    await folders.addPlugin('sleeper', watGuest(sleeper), { state: 'host' });
    await using first = await WasmstateProcess.start(folders, { args: ['--no-remember-inits'] });
    using client = StateClient.connect(first.socket('durable'));
    using asleep = StateClient.connect(first.socket('sleeper'));
    await client.init();
    await asleep.init();
    await client.set('key', 'value');
    await using load = SteadyCalls.start(() => client.get('key'), 8);
    await using writes = SteadyCalls.start(() => client.set('other', 'value'), 2);
    await load.more(50);
    const long = asleep.set('key', 'x');
    await assert.rejects(asleep.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });

    await using second = await WasmstateProcess.start(folders, { args: ['--takeover'] });
    await client.as('came late').init();
    assert.deepEqual(await first.ended(), { code: 0, signal: null });
    await long;
    await load.more(50);
    await writes.more(5);
    await load.stop();
    await writes.stop();
    assert.deepEqual(load.failures, []);
    assert.deepEqual(writes.failures, []);
    assert.equal(await client.text('key'), 'value');
    await second.stop();
  });

  it('starts like any other where nobody serves', async () => {
    await using folders = await ServeFolders.make();
    await folders.addPlugin('guest', watGuest({ value: 'well' }));
    await using served = await WasmstateProcess.start(folders, { args: ['--takeover'] });
    using client = StateClient.connect(served.socket('guest'));
    await client.init();
    assert.equal(await client.text('key'), 'well');
    await served.stop();
  });
});

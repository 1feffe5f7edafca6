import assert from 'node:assert/strict';
import type { RpcError } from './rpc-error.ts';
import { ServeFolders, shippedModule } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { SteadyCalls } from './steady-calls.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

function sleeper(ms: number): Uint8Array {
  return watGuest({
    imports: SLEEP_IMPORT,
    fields: sleepFields(ms),
    exports: { set: `${SLEEP} ${answer(0, 0)}` },
    value: 'well',
  });
}

describe('a process that is told to stop', () => {
  let folders: ServeFolders;

  beforeEach(async () => {
    folders = await ServeFolders.make();
  });
  afterEach(() => folders[Symbol.asyncDispose]());

  it('finishes the calls that it took, and leaves nothing behind', async () => {
    await folders.addPlugin('sleeper', sleeper(800), { state: 'host' });
    await folders.addPlugin('memory', shippedModule('memory'));
    await using served = await WasmstateProcess.start(folders);
    using client = StateClient.connect(served.socket('sleeper'));
    using other = StateClient.connect(served.socket('memory'));
    await client.init();
    await other.init();
    const calls = Array.from({ length: 8 }, () => client.set('key', 'x'));
    // Calls of one connection arrive in order: after this answer the server has all of them.
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    await served.stop();
    await Promise.all(calls);
    await assert.rejects(client.get('key'), { code: 'UNAVAILABLE' });
  });

  it('fails no call under load but those that came too late to be taken', async () => {
    await folders.addPlugin('memory', shippedModule('memory'));
    await using served = await WasmstateProcess.start(folders);
    using client = StateClient.connect(served.socket('memory'));
    await client.init();
    await using load = SteadyCalls.start(() => client.set('key', 'value'), 16);
    await load.more(100);
    await served.stop();
    await load.stop();
    const accepted = (load.failures as RpcError[]).filter(
      ({ code, message }) => code !== 'UNAVAILABLE' || !/No connection established/.test(message),
    );
    assert.deepEqual(accepted, []);
  });

  it('cuts calls that take longer than --drain', async () => {
    await folders.addPlugin('sleeper', sleeper(600_000), { limits: { call: '1h' } });
    await using served = await WasmstateProcess.start(folders, { args: ['--drain=200ms'] });
    using client = StateClient.connect(served.socket('sleeper'));
    await client.init();
    const cut = assert.rejects(client.set('key', 'x'), { code: 'UNAVAILABLE' });
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    await served.stop();
    await cut;
  });

  it('ends at once when it is told a second time', async () => {
    await folders.addPlugin('sleeper', sleeper(600_000), { limits: { call: '1h' } });
    await using served = await WasmstateProcess.start(folders, { args: ['--drain=1h'] });
    using client = StateClient.connect(served.socket('sleeper'));
    await client.init();
    const cut = assert.rejects(client.set('key', 'x'));
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    served.signal('SIGINT');
    // Sockets go first; with an hour to drain, nothing else would follow by itself.
    await untilGone(folders);
    assert.equal(served.ending, undefined);
    served.signal('SIGTERM');
    assert.deepEqual(await served.ended(), { code: null, signal: 'SIGTERM' });
    await cut;
    assert.deepEqual(await folders.socketFiles(), []);
  });

  it('leaves nothing behind where it is told before it is ready', async () => {
    for (const name of ['one', 'two']) await folders.addPlugin(name, shippedModule('memory'));
    await using served = WasmstateProcess.launch(folders);
    await served.logged({ msg: 'plugin is served' });
    await served.stop();
  });

  it('finishes calls of a thread whose successor serves already', async () => {
    await folders.addPlugin('sleeper', sleeper(800), { state: 'host' });
    await using served = await WasmstateProcess.start(folders);
    using client = StateClient.connect(served.socket('sleeper'));
    await client.init();
    const call = client.set('key', 'x');
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    await folders.addPlugin('sleeper', sleeper(800), { state: 'host', limits: { call: '6s' } });
    await served.logged({ msg: 'plugin was reloaded' });
    await served.stop();
    await call;
  });
});

async function untilGone(folders: ServeFolders): Promise<void> {
  while ((await folders.socketFiles()).some((name) => !name.startsWith('.staging'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

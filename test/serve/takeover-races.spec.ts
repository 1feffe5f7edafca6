import assert from 'node:assert/strict';
import { ServeFolders } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { SteadyCalls } from './steady-calls.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { watGuest } from './wat-guest.ts';

const args = ['--takeover'];

describe('processes that take over from one another', () => {
  let folders: ServeFolders;

  beforeEach(async () => {
    folders = await ServeFolders.make();
    await folders.addPlugin('guest', watGuest({ value: 'well' }), { state: 'host' });
  });
  afterEach(() => folders[Symbol.asyncDispose]());

  it('fail no call, as often as they do, and follow their plugins folder', async function () {
    this.timeout(90_000);
    await using before = await WasmstateProcess.start(folders);
    using guest = StateClient.connect(before.socket('guest'));
    await guest.init();
    await using load = SteadyCalls.start(() => guest.get('key'), 8);
    let last = before;
    await using all = new AsyncDisposableStack();
    for (let turn = 0; turn < 4; turn += 1) {
      const next = all.use(await WasmstateProcess.start(folders, { args }));
      assert.deepEqual(await last.ended(), { code: 0, signal: null }, last.stderr);
      assert.equal(last.logLines({ msg: /another process has taken over/ }).length, 1);
      assert.equal(next.logLines({ msg: /has taken over from another/ }).length, 1);
      await load.more(50);
      last = next;
    }
    const changed = watGuest({ value: 'changed' });
    await folders.addPlugin('guest', changed, { state: 'host' });
    await last.logged({ plugin: 'guest', msg: 'plugin was reloaded' });
    await load.more(50);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(await guest.text('key'), 'changed');
    await last.stop();
  });

  it('know components that were initialised meanwhile', async function () {
    this.timeout(60_000);
    await using first = await WasmstateProcess.start(folders);
    using guest = StateClient.connect(first.socket('guest'));
    const named: StateClient[] = [];
    await using inits = SteadyCalls.start(async () => {
      const component = guest.as(`component-${named.length}`);
      named.push(component);
      await component.init();
      // Only so many: each is restored by whoever comes next.
      await component.get('key');
    }, 1);
    await inits.more(1);
    await using second = await WasmstateProcess.start(folders, { args });
    assert.deepEqual(await first.ended(), { code: 0, signal: null }, first.stderr);
    await inits.stop();
    assert.deepEqual(inits.failures, [], second.stderr);
    const unknown: unknown[] = [];
    for (const component of named) {
      await component.get('key').catch((error: unknown) => unknown.push(error));
    }
    assert.deepEqual(unknown, []);
    await second.stop();
  });
});

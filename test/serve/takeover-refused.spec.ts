import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServeFolders } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { watGuest } from './wat-guest.ts';

const args = ['--takeover'];

describe('processes that share their folders', () => {
  let folders: ServeFolders;

  beforeEach(async () => {
    folders = await ServeFolders.make();
    await folders.addPlugin('guest', watGuest({ value: 'well' }), { state: 'host' });
  });
  afterEach(() => folders[Symbol.asyncDispose]());

  it('keep Inits where only their user may look', async () => {
    await using served = await WasmstateProcess.start(folders);
    using guest = StateClient.connect(served.socket('guest'));
    await guest.init({ password: 'hunter2' });
    const names = await readdir(folders.data, { recursive: true });
    const file = names.find((name) => name.endsWith('guest.json'));
    assert.ok(file);
    assert.equal((await stat(join(folders.data, file))).mode & 0o777, 0o600);
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
      assert.equal((await stat(join(folders.data, folder))).mode & 0o777, 0o700, folder);
    }
    await served.stop();
  });

  it('leave the one that serves in place where they cannot start', async () => {
    await using first = await WasmstateProcess.start(folders);
    using guest = StateClient.connect(first.socket('guest'));
    await guest.init();
    await using second = WasmstateProcess.launch(folders, {
      args: [...args, '--plugins', `${folders.plugins}.nowhere`],
    });
    assert.deepEqual(await second.ended(), { code: 1, signal: null });
    assert.match(second.stderr, /--plugins/);
    assert.equal(await guest.text('key'), 'well');
    assert.ok(guest.isConnected);
    await first.stop();
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ServeFolders } from './serve-folders.ts';
import { Served } from './served.ts';
import { StateClient } from './state-client.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { watGuest } from './wat-guest.ts';

const guest = watGuest({ value: 'well' });

describe('the sockets', () => {
  /** Root may give files away; others may not, but they have their own group. */
  const group = process.getuid?.() === 0 ? 12_345 : (process.getgid?.() ?? 0);
  const served = Served.forTests(
    async (folders) => {
      for (const name of ['fresh', 'stale', 'file']) await folders.addPlugin(name, guest);
      await writeFile(folders.socket('file'), 'no socket at all');
      // A socket that nobody listens at any more, as a process leaves it that was killed.
      await using before = await WasmstateProcess.start(folders);
      await before.kill();
    },
    { args: ['--socket-mode', '0660', '--socket-group', String(group)] },
  );

  it('have the mode and the group that were asked for', async () => {
    for (const name of ['fresh', 'stale', 'file']) {
      const { mode, gid } = await stat(served.process.socket(name));
      assert.equal(mode & 0o7777, 0o660, name);
      assert.equal(gid, group, name);
    }
  });

  it('take the place of stale ones and of other files', async () => {
    for (const name of ['fresh', 'stale', 'file']) {
      assert.ok((await stat(served.process.socket(name))).isSocket());
      assert.equal(await (await served.open(name)).text('key'), 'well');
    }
  });

  it('are bound in a folder that only their user may enter', async () => {
    const { mode } = await stat(join(served.process.folders.sockets, '.staging'));
    assert.equal(mode & 0o777, 0o700);
  });

  it('need a folder with a short path, and it is told once', async () => {
    const folder = join(served.process.folders.sockets, 'x'.repeat(100));
    const { folders } = served.process;
    const refused = WasmstateProcess.launch(folders, { args: [`--sockets=${folder}`] });
    assert.deepEqual(await refused.ended(), { code: 1, signal: null });
    assert.match(refused.stderr, /^wasmstate: sockets folder .* 107 bytes .* --sockets\n$/);
  });

  it('are not taken from a process that serves them, and it is told how', async () => {
    const second = WasmstateProcess.launch(served.process.folders);
    assert.deepEqual(await second.ended(), { code: 1, signal: null });
    assert.match(second.stderr, /another wasmstate serves .*; stop it, .*--takeover/);
    for (const name of ['fresh', 'stale', 'file']) {
      assert.equal(await (await served.open(name)).text('key'), 'well');
    }
  });
});

describe('a socket', () => {
  it('of another program is left to it, one with too long a path refused, others are served', async () => {
    await using folders = await ServeFolders.make();
    const long = 'x'.repeat(80);
    for (const name of ['mine', 'theirs', long]) await folders.addPlugin(name, guest);
    const theirs = createServer();
    theirs.listen(folders.socket('theirs'));
    await once(theirs, 'listening');
    try {
      const { ino } = await stat(folders.socket('theirs'));
      await using served = await WasmstateProcess.start(folders);
      await served.logged({ plugin: 'theirs', error: /served by another process; stop it/ });
      const tooLong = /longer than the 107 bytes .*shorter sockets folder/;
      await served.logged({ plugin: long, error: tooLong });
      using client = StateClient.connect(served.socket('mine'));
      await client.init();
      served.signal('SIGTERM');
      assert.deepEqual(await served.ended(), { code: 0, signal: null });
      assert.equal((await stat(folders.socket('theirs'))).ino, ino);
    } finally {
      theirs.close();
    }
  });

  it('folder that cannot be made ends the process with what to do', async () => {
    await using folders = await ServeFolders.make();
    await writeFile(join(folders.root, 'file'), '');
    const sockets = join(folders.root, 'file', 'sockets');
    await using served = WasmstateProcess.launch(folders, { args: ['--sockets', sockets] });
    assert.deepEqual(await served.ended(), { code: 1, signal: null });
    assert.match(served.stderr, /sockets folder .* cannot be made .*--sockets/);
  });

  it('is found where daprd looks, by the first of its three variables, with the mode 0770', async () => {
    await using folders = await ServeFolders.make();
    await folders.addPlugin('guest', guest);
    const other = join(folders.root, 'other');
    await using served = await WasmstateProcess.start(folders, {
      sockets: 'default',
      env: { DAPR_COMPONENT_SOCKETS_FOLDER: folders.sockets, DAPR_COMPONENT_SOCKET_FOLDER: other },
    });
    using client = StateClient.connect(served.socket('guest'));
    await client.init();
    assert.equal((await stat(served.socket('guest'))).mode & 0o7777, 0o770);
    await served.stop();
  });
});

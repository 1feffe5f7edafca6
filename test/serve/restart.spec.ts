import assert from 'node:assert/strict';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServeFolders, shippedModule } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { untilAnswered, untilFailed } from './until.ts';
import { WasmstateProcess, type StartOptions } from './wasmstate-process.ts';

const NAME = /^inits\/.*\/durable\.json$/;

async function initsFile(folders: ServeFolders): Promise<string> {
  const names = await readdir(folders.data, { recursive: true });
  const found = names.find((name) => NAME.test(name));
  assert.ok(found, names.join('\n'));
  return join(folders.data, found);
}

describe('after a restart of the process', () => {
  let folders: ServeFolders;

  beforeEach(async () => {
    folders = await ServeFolders.make();
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
  });
  afterEach(() => folders[Symbol.asyncDispose]());

  /** A process that serves a component which has a value, and is killed. */
  async function killed(client: StateClient, options?: StartOptions): Promise<void> {
    await using served = await WasmstateProcess.start(folders, options);
    await client.init({ first: 'property' });
    await client.as('second').init({ other: 'property' });
    await client.set('key', 'value');
    await served.kill();
  }

  it('its components go on where they were, over the same client', async () => {
    using client = StateClient.connect(folders.socket('durable'));
    await killed(client);
    const { mode } = await stat(await initsFile(folders));
    assert.equal(mode & 0o777, 0o600);
    assert.ok((await folders.socketFiles()).includes('durable.sock'));
    for (const end of ['kill', 'stop'] as const) {
      await using served = await WasmstateProcess.start(folders);
      const failures = await untilAnswered(() => client.get('key'));
      assert.deepEqual(
        failures.filter(({ code }) => code !== 'UNAVAILABLE'),
        [],
      );
      assert.equal(await client.text('key'), 'value');
      assert.equal(await client.as('second').text('key'), '');
      await assert.rejects(client.as('third').get('key'), { code: 'FAILED_PRECONDITION' });
      await served[end]();
    }
  });

  it('they say what to do where Inits are not remembered', async () => {
    using client = StateClient.connect(folders.socket('durable'));
    const options = { args: ['--no-remember-inits'] };
    await killed(client, options);
    const names = await readdir(folders.data, { recursive: true });
    assert.deepEqual(
      names.filter((name) => name.includes('inits')),
      [],
    );
    await using served = await WasmstateProcess.start(folders, options);
    const error = await untilFailed(
      () => client.get('key'),
      ({ code }) => code !== 'UNAVAILABLE',
    );
    assert.equal(error.code, 'FAILED_PRECONDITION');
    assert.match(error.message, /call Init first/);
    await client.init();
    assert.equal(await client.text('key'), 'value');
    await served.stop();
  });

  it('an unreadable file of Inits is set aside, and the log says what to do', async () => {
    using client = StateClient.connect(folders.socket('durable'));
    await killed(client);
    const file = await initsFile(folders);
    await writeFile(file, '{"version":1,"components":{"component":');
    await using served = await WasmstateProcess.start(folders);
    const line = await served.logged({ msg: /were set aside; restart daprd/ });
    assert.equal(line['file'], `${file}.unreadable`);
    assert.ok((await stat(`${file}.unreadable`)).isFile());
    await client.init();
    assert.equal(await client.text('key'), 'value');
    await served.stop();
  });

  it('a component that cannot be initialised fails at once with the reason, until it can', async () => {
    using client = StateClient.connect(folders.socket('durable'));
    await killed(client);
    // The keyspaces' folder is a file now, as on a disk that is not mounted.
    const kv = join(folders.data, 'kv');
    await rm(kv, { recursive: true });
    await writeFile(kv, '');
    await using served = await WasmstateProcess.start(folders);
    const refused = {
      code: 'UNAVAILABLE',
      message: /component "component" could not be initialised again: .*\/kv/,
    };
    const failures = [];
    for (let i = 0; i < 5; i += 1) failures.push(assert.rejects(client.get('key'), refused));
    await Promise.all(failures);
    const logged = { component: 'component', msg: /could not be initialised again/ };
    assert.ok((await served.logged(logged))['retryAfterMs']);
    await rm(kv);
    const before = await untilAnswered(() => client.get('key'));
    assert.deepEqual(
      before.filter(({ message }) => !refused.message.test(message)),
      [],
    );
    await client.as('second').set('key', 'value');
    await served.stop();
  });
});

describe('an Init', () => {
  it('fails where it cannot be remembered, and says what to do', async () => {
    await using folders = await ServeFolders.make();
    await folders.addPlugin('memory', shippedModule('memory'));
    await writeFile(join(folders.data, 'inits'), 'in the way');
    await using served = await WasmstateProcess.start(folders);
    using client = StateClient.connect(served.socket('memory'));
    await assert.rejects(client.init(), {
      code: 'UNAVAILABLE',
      message: /the Init cannot be kept in .*mend the data folder, or run with --no-remember-inits/,
    });
    await assert.rejects(client.get('key'), { code: 'FAILED_PRECONDITION' });
    await rm(join(folders.data, 'inits'));
    await client.init();
    await client.get('key');
    await served.stop();
  });
});

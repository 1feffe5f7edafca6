import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import type { StateClient } from './state-client.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

const one = watGuest({ value: 'one' });
const two = watGuest({ value: 'two' });
/** Nothing is lost with an instance of these guests, which makes them free to be replaced. */
const replaceable = { state: 'host' } as const;

/** A plugin's threads change under its clients, so the answer says when the next one serves. */
async function untilText(client: StateClient, wanted: string): Promise<void> {
  while ((await client.text('key')) !== wanted) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a plugins folder that is followed', () => {
  const served = Served.forTests(async (folders) => {
    await folders.addPlugin('memory', shippedModule('memory'));
    for (const name of ['module', 'manifest-text', 'init']) {
      await folders.addPlugin(name, one, replaceable);
    }
    const elsewhere = join(folders.root, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'guest.wasm'), one);
    await writeFile(join(elsewhere, 'plugin.yaml'), 'module: guest.wasm\nstate: host\n');
    await symlink(elsewhere, join(folders.plugins, 'linked'));
  });

  let neighbour: StateClient;
  let load: SteadyCalls;
  before(async () => {
    neighbour = await served.open('memory', 'neighbour');
    await neighbour.set('key', 'here all along');
  });
  beforeEach(() => {
    load = SteadyCalls.start(() => neighbour.get('key'), 1);
  });
  afterEach('while the other plugins answer', async () => {
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(await neighbour.text('key'), 'here all along');
  });

  /** Lines that say why a plugin stays as it was. */
  const refusals = (plugin: string) =>
    served.process.logLines({ plugin, msg: 'plugin was not reloaded; what was served goes on' });
  const refused = (plugin: string, error: RegExp) =>
    served.process.logged({
      plugin,
      msg: 'plugin was not reloaded; what was served goes on',
      error,
    });

  it('gives a bare module that is added its socket', async () => {
    await writeFile(join(served.process.folders.plugins, 'bare.wasm'), two);
    await served.process.logged({ plugin: 'bare', msg: 'plugin is served' });
    assert.equal(await (await served.open('bare')).text('key'), 'two');
  });

  it('leaves a plugin in place whose manifest went bad, and says why once', async () => {
    const { folders } = served.process;
    const client = await served.open('manifest-text');
    await using calls = SteadyCalls.start(() => client.get('key'));
    await folders.addPlugin('manifest-text', two, 'module: guest.wasm\nlimits: { call: never }\n');
    await refused('manifest-text', /plugin\.yaml.*call/s);
    await calls.more(20);
    // The next look goes over every plugin, and ends with one that was not there before.
    await folders.addPlugin('after-the-bad-manifest', one);
    await served.process.logged({ plugin: 'after-the-bad-manifest', msg: 'plugin is served' });
    assert.equal(refusals('manifest-text').length, 1);
    assert.equal(await client.text('key'), 'one');
    await folders.addPlugin('manifest-text', two, replaceable);
    await untilText(client, 'two');
    await calls.stop();
    assert.deepEqual(calls.failures, []);
  });

  it('has every component initialised by the successor before anybody reaches it', async () => {
    const clients = await Promise.all(['one', 'two'].map((name) => served.open('init', name)));
    await using calls = SteadyCalls.start(() =>
      Promise.all(clients.map((client) => client.get('key'))),
    );
    await calls.more(20);
    const slow = watGuest({
      imports: SLEEP_IMPORT,
      fields: sleepFields(400),
      exports: { init: `${SLEEP} ${answer(0, 0)}` },
      value: 'two',
    });
    await served.process.folders.addPlugin('init', slow, replaceable);
    for (const client of clients) await untilText(client, 'two');
    await calls.more(20);
    await calls.stop();
    assert.deepEqual(calls.failures, []);
  });

  it('is looked at on SIGHUP, also where a change cannot be seen', async () => {
    const { folders } = served.process;
    const client = await served.open('linked');
    await using calls = SteadyCalls.start(() => client.get('key'));
    await writeFile(join(folders.root, 'elsewhere', 'guest.wasm'), two);
    served.process.signal('SIGHUP');
    await untilText(client, 'two');
    await calls.stop();
    assert.deepEqual(calls.failures, []);
  });

  it('may be away for a while: what was served goes on', async () => {
    const { folders } = served.process;
    const client = await served.open('module');
    await using calls = SteadyCalls.start(() => client.get('key'));
    await rename(folders.plugins, `${folders.plugins}.away`);
    served.process.signal('SIGHUP');
    await served.process.logged({ msg: /plugins folder cannot be looked at/, error: /--plugins/ });
    await calls.more(20);
    await rename(`${folders.plugins}.away`, folders.plugins);
    await folders.addPlugin('module', watGuest({ value: 'back' }), replaceable);
    served.process.signal('SIGHUP');
    await untilText(client, 'back');
    await calls.stop();
    assert.deepEqual(calls.failures, []);
  });
});

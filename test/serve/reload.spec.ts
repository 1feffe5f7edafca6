import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import { untilAnswered, untilFailed } from './until.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

const reloaded = 'plugin was reloaded';
const notReloaded = 'plugin was not reloaded; what was served goes on';

describe('a change in the plugins folder', () => {
  const sleeper = watGuest({
    imports: SLEEP_IMPORT,
    fields: sleepFields(800),
    exports: { set: `${SLEEP} ${answer(0, 0)}` },
    value: 'sleeper',
  });
  const served = Served.forTests(async (folders) => {
    await folders.addPlugin('edited', watGuest({ value: 'old' }), { state: 'host' });
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
    await folders.addPlugin('spoiled', watGuest({ value: 'old' }), { state: 'host' });
    await folders.addPlugin('guest', shippedModule('memory'));
    await folders.addPlugin('agreed', watGuest({ value: 'old' }), { reload: true });
    await folders.addPlugin('removed', sleeper, { state: 'host' });
  });

  it('that adds a plugin gives it a socket', async () => {
    const { folders } = served.process;
    await folders.addPlugin('added', watGuest({ value: 'added' }));
    await served.process.logged({ msg: 'plugin is served', plugin: 'added' });
    assert.equal(await (await served.open('added')).text('key'), 'added');
    await writeFile(join(folders.plugins, 'bare.wasm'), watGuest({ value: 'bare' }));
    await served.process.logged({ msg: 'plugin is served', plugin: 'bare' });
    assert.equal(await (await served.open('bare')).text('key'), 'bare');
  });

  it('that changes a module puts a successor in its place without a failing call', async () => {
    const { folders } = served.process;
    const client = await served.open('edited');
    await using load = SteadyCalls.start(() => client.get('key'), 8);
    await load.more(20);
    await folders.addPlugin('edited', watGuest({ value: 'new' }), { state: 'host' });
    await served.process.logged({ msg: reloaded, plugin: 'edited' });
    while ((await client.text('key')) !== 'new');
    await load.more(20);
    await load.stop();
    assert.deepEqual(load.failures, []);
  });

  it('that changes a manifest does so too, and the state in the host stays', async () => {
    const { folders } = served.process;
    const client = await served.open('durable');
    await client.set('key', 'value');
    await using load = SteadyCalls.start(() => client.set('other', 'value'), 8);
    await load.more(20);
    await folders.addPlugin('durable', shippedModule('durable'), {
      kv: {},
      limits: { request: '1KiB' },
    });
    await served.process.logged({ msg: reloaded, plugin: 'durable' });
    await untilFailed(
      () => client.set('large', Buffer.alloc(2000)),
      ({ code }) => code === 'RESOURCE_EXHAUSTED',
    );
    await load.more(20);
    await load.stop();
    assert.deepEqual(load.failures, []);
    assert.equal(await client.text('key'), 'value');
  });

  it('that would break a plugin leaves the old in place, and says why', async () => {
    const { folders } = served.process;
    const client = await served.open('spoiled');
    for (const { spoil, error } of [
      {
        spoil: () => folders.addPlugin('spoiled', Buffer.from('no module'), { state: 'host' }),
        error: /the host does not load this module|not a/,
      },
      {
        spoil: () => folders.addPlugin('spoiled', watGuest({}), 'module: guest.wasm\nspeed: 1\n'),
        error: /plugin\.yaml:2: speed: unknown field/,
      },
      {
        spoil: () =>
          folders.addPlugin('spoiled', watGuest({ fields: '(func $s (unreachable)) (start $s)' }), {
            state: 'host',
          }),
        error: /did not start/,
      },
    ]) {
      await spoil();
      await served.process.logged({ msg: notReloaded, plugin: 'spoiled', error });
      assert.equal(await client.text('key'), 'old');
    }
    await folders.addPlugin('spoiled', watGuest({ value: 'mended' }), { state: 'host' });
    await served.process.logged({ msg: reloaded, plugin: 'spoiled' });
    while ((await client.text('key')) !== 'mended');
  });

  it('never costs a guest its state, unless the manifest agrees', async () => {
    const { folders } = served.process;
    const guest = await served.open('guest');
    await guest.set('key', 'value');
    await folders.addPlugin('guest', shippedModule('memory'), { limits: { call: '6s' } });
    await served.process.logged({
      msg: notReloaded,
      plugin: 'guest',
      error: /would lose it; add `reload: true`/,
    });
    assert.equal(await guest.text('key'), 'value');
    const agreed = await served.open('agreed');
    await folders.addPlugin('agreed', watGuest({ value: 'new' }), { reload: true });
    await served.process.logged({ msg: reloaded, plugin: 'agreed' });
    while ((await agreed.text('key')) !== 'new');
  });

  it('that removes a plugin takes its socket away and finishes its calls', async () => {
    const { folders } = served.process;
    const client = await served.open('removed');
    const call = client.set('key', 'x');
    // Calls of one connection arrive in order: after this answer the server has it.
    await assert.rejects(client.as('nobody').get('key'), { code: 'FAILED_PRECONDITION' });
    await rm(join(folders.plugins, 'removed'), { recursive: true });
    await served.process.logged({ msg: /was removed/, plugin: 'removed' });
    await call;
    assert.ok(!(await folders.socketFiles()).includes('removed.sock'));
    await assert.rejects(client.get('key'), { code: 'UNAVAILABLE' });
    await folders.addPlugin('removed', sleeper, { state: 'host' });
    await untilAnswered(() => client.init());
    assert.equal(await client.text('key'), 'sleeper');
  });

  it('that makes no difference makes no successor, on SIGHUP neither', async () => {
    const { folders } = served.process;
    const count = (): number => served.process.logLines({ msg: reloaded }).length;
    const before = count();
    await folders.addPlugin('edited', watGuest({ value: 'new' }), { state: 'host' });
    served.process.signal('SIGHUP');
    // Looks at the folder follow one another, so that this one comes after.
    await folders.addPlugin('last', watGuest({ value: 'last' }));
    await served.process.logged({ msg: 'plugin is served', plugin: 'last' });
    assert.equal(count(), before);
  });
});

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServeFolders } from './serve-folders.ts';
import { StateClient } from './state-client.ts';
import { untilAnswered, untilFailed } from './until.ts';
import { WasmstateProcess } from './wasmstate-process.ts';
import { SPIN, watGuest } from './wat-guest.ts';

const NOT_SERVING = Buffer.of(0x08, 2);

describe('a plugin that cannot start any more', () => {
  it('fails calls at once with the reason, and serves as soon as it can start', async function () {
    this.timeout(60_000);
    await using folders = await ServeFolders.make();
    const manifest = { interrupt: false, limits: { call: '200ms' } };
    await folders.addPlugin('spin', watGuest({ exports: { set: SPIN }, value: 'well' }), manifest);
    // With so long to drain, nobody hears anything if the stuck thread is only asked to end.
    await using served = await WasmstateProcess.start(folders, { args: ['--drain=1h'] });
    using client = StateClient.connect(served.socket('spin'));
    await client.init();

    // Sockets are bound at paths with running numbers before they are published. Files at every
    // second one stop the plugin from starting, but not the thread that says so in its place.
    const obstacles = Array.from({ length: 30 }, (_, i) =>
      join(folders.sockets, '.staging', `spin.${served.pid}.${2 * i + 2}`),
    );
    await Promise.all(obstacles.map((path) => writeFile(path, '')));
    await assert.rejects(client.set('key', 'x'), { code: 'UNAVAILABLE' });
    const heldOff = { plugin: 'spin', msg: 'the plugin cannot start and is held off' };
    const first = await served.logged(heldOff);
    assert.match(String(first['error']), /EADDRINUSE/);
    const reason = /plugin spin cannot start: .*EADDRINUSE/;
    await untilFailed(
      () => client.get('key'),
      ({ message }) => reason.test(message),
    );
    for (const call of [client.get('key'), client.init(), client.features(), client.transact([])]) {
      await assert.rejects(call, { code: 'UNAVAILABLE', message: reason });
    }
    const health = await client.call('grpc.health.v1.Health/Check', new Uint8Array());
    assert.deepEqual(health, NOT_SERVING);

    await served.until(() => served.logLines(heldOff).length > 1, 'a second attempt');
    const [one, two] = served.logLines(heldOff);
    assert.ok(Number(two?.['retryAfterMs']) > Number(one?.['retryAfterMs']));

    await Promise.all(obstacles.map((path) => rm(path)));
    await served.logged({ plugin: 'spin', msg: 'the successor serves' });
    const failures = await untilAnswered(() => client.get('key'));
    assert.deepEqual(
      failures.filter(({ code }) => code !== 'UNAVAILABLE'),
      [],
    );
    await served.stop();
  });
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import type { StateClient } from './state-client.ts';
import { SLEEP, SLEEP_IMPORT, answer, bytes, failure, sleepFields, watGuest } from './wat-guest.ts';

const text = 'no such account';

describe('a reload', () => {
  const served = Served.forTests(async (folders) => {
    const slow = watGuest({
      imports: SLEEP_IMPORT,
      fields: sleepFields(300),
      exports: { init: `${SLEEP} ${answer(0, 0)}` },
    });
    await folders.addPlugin('guest', slow, { state: 'host' });
    await folders.addPlugin('init', watGuest({ value: 'one' }), { state: 'host' });
  });

  it('loses no Init that is answered meanwhile', async function () {
    this.timeout(60_000);
    const client = await served.open('guest');
    const named: StateClient[] = [];
    let next = 0;
    const inits = SteadyCalls.start(async () => {
      next += 1;
      const component = client.as(`component-${next}`);
      await component.init();
      named.push(component);
    });
    await inits.more(1);
    const reloads = () =>
      served.process.logLines({ plugin: 'guest', msg: 'plugin was reloaded' }).length;
    for (let turn = 1; turn <= 4; turn += 1) {
      await writeFile(
        join(served.process.folders.plugins, 'guest', 'plugin.yaml'),
        `module: guest.wasm\nstate: host\nlimits: { call: ${turn}s }\n`,
      );
      await served.process.until(() => reloads() >= turn, 'a reload');
    }
    await inits.stop();
    assert.deepEqual(inits.failures, []);
    const unknown: string[] = [];
    for (const component of named) {
      await component.get('key').catch((error: unknown) => unknown.push(String(error)));
    }
    assert.deepEqual(unknown, [], `of ${named.length} components`);
  });

  it('leaves in place what was served where the successor cannot be initialised', async () => {
    const client = await served.open('init');
    const fussy = watGuest({
      fields: `(data (i32.const 256) ${bytes(text)})`,
      exports: { init: failure(256, text.length) },
      value: 'two',
    });
    await served.process.folders.addPlugin('init', fussy, { state: 'host' });
    await served.process.logged({ plugin: 'init', error: new RegExp(text) });
    await served.process.logged({
      plugin: 'init',
      msg: 'plugin was not reloaded; what was served goes on',
    });
    assert.equal(await client.text('key'), 'one');
  });
});

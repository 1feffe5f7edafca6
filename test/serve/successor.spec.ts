import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RpcError } from './rpc-error.ts';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import { untilAnswered } from './until.ts';
import {
  SLEEP,
  SLEEP_IMPORT,
  SPIN,
  WRITE_IMPORT,
  answer,
  bytes,
  sleepFields,
  watGuest,
  write,
} from './wat-guest.ts';

/** How many threads of a process have a name; undefined where the system does not tell. */
async function threadsNamed(pid: number, name: string): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const tasks = `/proc/${pid}/task`;
  const names = await Promise.all(
    (await readdir(tasks)).map((id) => readFile(join(tasks, id, 'comm'), 'utf8').catch(() => '')),
  );
  return names.filter((found) => name.startsWith(found.trim()) && found.trim() !== '').length;
}

describe('the successor of a plugin thread', () => {
  const served = Served.forTests(async (folders) => {
    // Init says so and takes its time.
    const slow = watGuest({
      imports: `${SLEEP_IMPORT} ${WRITE_IMPORT}`,
      fields: `${sleepFields(400)} (data (i32.const 256) ${bytes('initialised\n')})`,
      exports: { init: `${SLEEP} ${write(1, 256, 12)} ${answer(0, 0)}`, set: SPIN },
      value: 'well',
    });
    const limits = { call: '200ms', init: '10s' };
    await folders.addPlugin('slow', slow, { interrupt: false, limits });
    await folders.addPlugin('durable', shippedModule('durable'), {
      kv: {},
      limits: { call: '30s' },
    });
    await folders.addPlugin('memory', shippedModule('memory'), { limits: { call: '30s' } });
  });

  it('has every component initialised before anybody reaches it', async () => {
    const names = ['one', 'two', 'three'];
    const clients = await Promise.all(names.map((name) => served.open('slow', name)));
    const [first] = clients;
    assert.ok(first);
    let next = 0;
    await using load = SteadyCalls.start(() => {
      next += 1;
      return clients[next % clients.length]?.get('key') ?? Promise.reject(new Error('no client'));
    }, 3);
    await assert.rejects(first.set('key', 'x'), { code: 'UNAVAILABLE' });
    for (const client of clients) await untilAnswered(() => client.get('key'));
    await load.more(20);
    await load.stop();
    const codes = new Set((load.failures as RpcError[]).map(({ code }) => code));
    codes.delete('UNAVAILABLE');
    assert.deepEqual(codes, new Set());
    const inits = served.process.logLines({ plugin: 'slow', msg: 'initialised' });
    assert.equal(inits.length, 2 * names.length);
  });

  it('knows the last Init of each component, and of all that came', async () => {
    const client = await served.open('slow', 'latest');
    await client.init({ attempt: '2' });
    await assert.rejects(client.set('key', 'x'), { code: 'UNAVAILABLE' });
    await untilAnswered(() => client.get('key'));
    assert.equal(await client.text('key'), 'well');
  });

  it('is started from a spare thread, which there always is', async function () {
    const { pid } = served.process;
    const plugins = 3;
    const count = await threadsNamed(pid, 'wasmstate plugin');
    if (count === undefined) {
      console.log('skipped: this system does not tell the names of threads');
      return this.skip();
    }
    const client = await served.open('slow', 'spare');
    await assert.rejects(client.set('key', 'x'), { code: 'UNAVAILABLE' });
    await untilAnswered(() => client.get('key'));
    // The next spare is started once the successor is ready, which may just have been.
    while ((await threadsNamed(pid, 'wasmstate plugin')) !== plugins + 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

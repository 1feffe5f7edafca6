import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { GuestError, openPlugin, WasmstateError, type LogEntry } from '../../src/index.ts';
import { ServeFolders, shippedModule } from './serve-folders.ts';
import {
  ECHO_AS_ERROR,
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

const ASLEEP = 600_000;

describe('a plugin in an application', () => {
  let folders: ServeFolders;
  before(async () => {
    folders = await ServeFolders.make();
    await folders.addPlugin('memory', shippedModule('memory'));
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
    const talker = watGuest({
      imports: `${SLEEP_IMPORT} ${WRITE_IMPORT}`,
      fields: `${sleepFields(ASLEEP)} (data (i32.const 256) ${bytes('hello\n')})`,
      exports: {
        init: `${write(1, 256, 6)} ${answer(0, 0)}`,
        set: `${SLEEP} ${answer(0, 0)}`,
        delete: SPIN,
        ping: ECHO_AS_ERROR,
      },
      value: 'well',
    });
    const limits = { call: '300ms' };
    await folders.addPlugin('troubled', talker, { state: 'host', limits });
    const unreadable = watGuest({ exports: { get: ECHO_AS_ERROR } });
    await folders.addPlugin('unreadable', unreadable);
  });
  after(() => folders[Symbol.asyncDispose]());

  const open = (name: string, log?: (entry: LogEntry) => void) =>
    openPlugin(join(folders.plugins, name), { dataFolder: folders.data, ...(log && { log }) });

  it('is opened from its folder or as a bare module', async () => {
    const bare = join(folders.root, 'bare.wasm');
    await writeFile(bare, watGuest({ value: 'bare' }));
    for (const path of [bare, join(folders.plugins, 'memory')]) {
      await using plugin = await openPlugin(path);
      await using store = await plugin.open('component');
      await store.set('key', 'value');
      assert.ok(await store.get('key'));
    }
  });

  it('gives stores that read and write as Dapr does', async () => {
    await using plugin = await open('memory');
    await using store = await plugin.open('component', { some: 'property' });
    assert.ok(store.features.has('ETAG'));
    assert.equal(await store.get('key'), undefined);
    await store.set('key', '{"n":1}', { contentType: 'application/json' });
    const found = await store.get('key');
    assert.equal(Buffer.from(found?.data ?? []).toString(), '{"n":1}');
    assert.equal(found?.contentType, 'application/json');
    await store.transact([
      { operation: 'set', key: 'other', value: '{"n":2}', metadata: { ttlInSeconds: '600' } },
      { operation: 'set', key: 'key', value: '{"n":3}', etag: found?.etag ?? '' },
    ]);
    const items = await store.bulkGet(['other', 'missing', 'key']);
    assert.deepEqual(
      items.map((item) => item && Buffer.from(item.data).toString()),
      ['{"n":2}', undefined, '{"n":3}'],
    );
    assert.ok(items[0]?.metadata['ttlExpireTime']);
    const page = await store.query({
      filter: { IN: { n: [2, 3] } },
      sort: [{ key: 'n', order: 'DESC' }],
      page: { limit: 1 },
    });
    assert.deepEqual(
      page.items.map(({ key }) => key),
      ['key'],
    );
    const rest = await store.query({
      filter: { IN: { n: [2, 3] } },
      sort: [{ key: 'n', order: 'DESC' }],
      page: { limit: 1, ...(page.token !== undefined && { token: page.token }) },
    });
    assert.deepEqual(
      rest.items.map(({ key }) => key),
      ['other'],
    );
    await store.delete('key');
    await store.bulkDelete([{ key: 'other' }]);
    assert.deepEqual(await store.bulkGet(['key', 'other']), [undefined, undefined]);
  });

  it('says what is wrong with a query before anybody reads it', async () => {
    await using plugin = await open('memory');
    await using store = await plugin.open('component');
    const limited = store.query({ page: { limit: 1.5 } });
    await assert.rejects(limited, { code: 'INVALID_ARGUMENT', message: /^page\.limit: must be/ });
    for (const operand of [undefined, 1n]) {
      const filtered = store.query({ filter: { EQ: operand } });
      await assert.rejects(filtered, { code: 'INVALID_ARGUMENT', message: /^filter\.EQ: must be/ });
    }
  });

  it('keeps stores apart, and what the host keeps is there when it is opened again', async () => {
    for (const wanted of [undefined, 'value']) {
      await using plugin = await open('durable');
      await using store = await plugin.open('one');
      await using other = await plugin.open('other');
      const found = await store.get('key');
      assert.equal(found && Buffer.from(found.data).toString(), wanted);
      await store.set('key', 'value');
      assert.equal(await other.get('key'), undefined);
    }
  });

  it("fails with the guest's own errors, and with what they mean", async () => {
    await using plugin = await open('memory');
    await using store = await plugin.open('component');
    await store.set('key', 'value');
    const mismatch = (error: unknown): boolean =>
      error instanceof GuestError &&
      error.code === 'GUEST_ERROR' &&
      error.fault.reason === 'ETAG_MISMATCH';
    await assert.rejects(store.set('key', 'x', { etag: '999' }), mismatch);
    await assert.rejects(store.set('key', 'x', { concurrency: 'first-write' }), mismatch);
    await assert.rejects(store.call('Get', Buffer.of(0xff, 0xff)), WasmstateError);
  });

  it('fails a bulk read with the error of the key that it could not read', async () => {
    await using plugin = await open('unreadable');
    await using store = await plugin.open('component');
    await assert.rejects(
      store.bulkGet(['key']),
      (error) => error instanceof GuestError && error.message.startsWith('key key: '),
    );
  });

  it('fails with a code where the plugin cannot be opened', async () => {
    await assert.rejects(openPlugin(join(folders.root, 'nowhere')), {
      code: 'CONFIG_INVALID',
      message: /nowhere/,
    });
    const text = join(folders.root, 'text.wasm');
    await writeFile(text, 'no module');
    await assert.rejects(openPlugin(text), { code: 'MODULE_REFUSED' });
  });

  it('fails Init with what the engine says, and opens the next time', async () => {
    await using plugin = await open('durable');
    await assert.rejects(plugin.open('component', { 'kv.engine': 'none' }), {
      code: 'CONFIG_INVALID',
    });
    await using store = await plugin.open('component', { 'kv.engine': 'memory' });
    await store.set('key', 'value');
  });

  it('stops a guest that does not return, and gives its caller the time that it asked for', async () => {
    await using plugin = await open('troubled');
    await using store = await plugin.open('component');
    const late = { code: 'DEADLINE_EXCEEDED' };
    await assert.rejects(store.delete('key'), late);
    await assert.rejects(store.set('key', 'x'), late);
    await assert.rejects(store.set('key', 'x', {}, { timeout: 20 }), late);
    const signal = AbortSignal.abort();
    await assert.rejects(store.set('key', 'x', {}, { signal }), { code: 'CANCELLED' });
    assert.equal(Buffer.from((await store.get('key'))?.data ?? []).toString(), 'well');
  });

  it('gives log lines to whoever wants them', async () => {
    const lines: LogEntry[] = [];
    await using plugin = await open('troubled', (entry) => lines.push(entry));
    await using store = await plugin.open('talking');
    await store.get('key');
    const line = lines.find(({ msg }) => msg === 'hello');
    assert.equal(line?.fields['component'], 'talking');
    assert.equal(line?.fields['plugin'], 'troubled');
  });

  it('takes no calls any more when it is closed', async () => {
    const plugin = await open('memory');
    const store = await plugin.open('component');
    await plugin.close();
    await assert.rejects(store.get('key'), { code: 'UNAVAILABLE' });
  });

  for (const closing of ['await plugin.close();', '']) {
    it(`keeps no process alive, ${closing === '' ? 'closed or not' : 'once closed'}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'wasmstate-embedding-'));
      try {
        const script = join(folder, 'application.ts');
        const index = resolve(import.meta.dirname, '../../src/index.ts');
        await writeFile(
          script,
          `import { openPlugin } from ${JSON.stringify(index)};
          const plugin = await openPlugin(${JSON.stringify(join(folders.plugins, 'durable'))}, {
            dataFolder: ${JSON.stringify(folder)},
          });
          const store = await plugin.open('component');
          await Promise.all(Array.from({ length: 20 }, (_, i) => store.set('key ' + i, 'value')));
          ${closing}
          console.log('done');`,
        );
        const { stdout } = await promisify(execFile)(process.execPath, [script]);
        assert.equal(stdout, 'done\n');
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});

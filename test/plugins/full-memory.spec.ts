import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlugin, type Plugin, type StateStore } from '../../src/index.ts';
import { pluginFolder, refusal, refuses } from './stores.ts';

const FULL = 'RESOURCE_EXHAUSTED';

/** A copy of the plugin, in `folder`, whose memory may not grow further than `limit`. */
async function openLimited(folder: string, limit: string): Promise<Plugin> {
  const copy = join(folder, 'memory');
  await cp(pluginFolder('memory'), copy, { recursive: true });
  await writeFile(
    join(copy, 'plugin.yaml'),
    `module: build/memory.wasm\nstate: guest\nlimits: { memory: ${limit} }\n`,
  );
  return openPlugin(copy);
}

describe('state.memory with its memory full', () => {
  let folder = '';
  let plugin: Plugin;
  let store: StateStore;
  let count = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmstate-plugins-'));
    plugin = await openLimited(folder, '8MiB');
    store = await plugin.open('store');
    for (;;) {
      const value = `{"n":${count},"text":"${'x'.repeat((count * 37) % 5000)}"}`;
      const failed = await store.set(`key-${count}`, value).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed !== undefined) break;
      count += 1;
    }
  });
  after(async () => {
    await plugin.close();
    await rm(folder, { recursive: true });
  });

  it('refuses writes and says what to do', async () => {
    assert.ok(count > 1000);
    await refuses(store.set('more', 'x'.repeat(5000)), FULL, /raise limits\.memory/);
    const many = Array.from({ length: 6000 }, (_, i) => ({ key: `more-${i}`, value: 'x' }));
    await refuses(store.bulkSet(many), FULL, /memory is full/);
    const operations = many.map(({ key, value }) => ({ operation: 'set' as const, key, value }));
    await refuses(store.transact(operations), FULL, /memory is full/);
    assert.deepEqual(await store.bulkGet(['more', 'more-0']), [undefined, undefined]);
  });

  it('refuses what would need more than there is to answer', async () => {
    const keys = Array.from({ length: count }, (_, i) => `key-${i}`);
    await refuses(store.bulkGet(keys), FULL, /ask for less/);
    await refuses(store.query({}), FULL, /ask for less/);
    await refuses(store.query({ sort: [{ key: 'n' }] }), FULL, /ask for less/);
    const values = Array.from({ length: 10_000 }, (_, i) => i);
    await refuses(store.query({ filter: { IN: { n: values } } }), FULL, /memory is full/);
  });

  it('still reads, queries in pages and deletes', async () => {
    assert.ok(await store.get(`key-${count - 1}`));
    const sort = [{ key: 'n', order: 'DESC' }] as const;
    const { items } = await store.query({ sort, page: { limit: 3 } });
    assert.deepEqual(
      items.map((item) => item.key),
      [1, 2, 3].map((i) => `key-${count - i}`),
    );
    await store.delete('key-1');
    assert.equal(await store.get('key-1'), undefined);
  });

  it('has lost nothing, and takes writes again once keys are deleted', async () => {
    for (let i = 2; i < count; i++) {
      const item = await store.get(`key-${i}`);
      assert.ok(item !== undefined && Buffer.from(item.data).includes(`"n":${i},`));
    }
    for (let i = 2; i < count; i++) await store.delete(`key-${i}`);
    await store.set('large', Buffer.alloc(1_000_000));
    assert.equal((await refusal(store.set('', 'x'))).is, 'INVALID_ARGUMENT');
  });
});

describe('state.memory while its memory fills', () => {
  let folder = '';
  let plugin: Plugin;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wasmstate-plugins-'));
    plugin = await openLimited(folder, '4MiB');
  });
  after(async () => {
    await plugin.close();
    await rm(folder, { recursive: true });
  });

  // What is left when a query's array of rows has to grow differs with the size.
  for (const size of [5000, 9148, 12_000]) {
    it(`refuses a sorted query of values of ${size} bytes, however little is left`, async () => {
      await using store = await plugin.open(`store-${size}`);
      for (let count = 0; ; count++) {
        const value = `{"n":${count},"t":"${'x'.repeat(size)}"}`;
        const failed = await store.set(`k${count}`, value).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failed !== undefined) break;
        if (count * size < 2_000_000) continue;
        await refuses(store.query({ sort: [{ key: 'n' }] }), FULL, /ask for less/);
      }
    });
  }
});

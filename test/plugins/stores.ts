import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GuestError, openPlugin, type Plugin, type StateStore } from '../../src/index.ts';

const PLUGINS = resolve(import.meta.dirname, '../../plugins');

interface Subject {
  readonly title: string;
  readonly plugin: 'memory' | 'durable';
  readonly properties: Readonly<Record<string, string>>;
}

/** The shipped stores, each as it is served. */
export const SHIPPED: readonly Subject[] = [
  { title: 'memory', plugin: 'memory', properties: {} },
  { title: 'durable on sqlite', plugin: 'durable', properties: {} },
];

/** The same, with an engine that need not wait for a disk: for very many calls. */
export const QUICK: readonly Subject[] = [
  { title: 'memory', plugin: 'memory', properties: {} },
  { title: 'durable', plugin: 'durable', properties: { 'kv.engine': 'memory' } },
];

export function pluginFolder(name: string): string {
  return join(PLUGINS, name);
}

/** The compiled module. Fails where `npm run build` has not been run. */
export function pluginModule(name: string): string {
  const module = join(pluginFolder(name), 'build', `${name}.wasm`);
  assert.ok(existsSync(module), `${module} is missing: npm run build makes it`);
  return module;
}

/** Runs tests on every subject. `store` opens a store with no keys, for one test. */
export function describeStores(
  title: string,
  subjects: readonly Subject[],
  tests: (store: () => Promise<StateStore>) => void,
): void {
  for (const subject of subjects) {
    describe(`${subject.title}: ${title}`, () => {
      let folder = '';
      let plugin: Plugin;
      let opened = 0;

      before(async function () {
        this.timeout(60_000);
        pluginModule(subject.plugin);
        folder = await mkdtemp(join(tmpdir(), 'wasmstate-plugins-'));
        plugin = await openPlugin(pluginFolder(subject.plugin), { dataFolder: folder });
      });
      after(async () => {
        await plugin.close();
        await rm(folder, { recursive: true });
      });

      tests(() => {
        opened += 1;
        return plugin.open(`store-${opened}`, subject.properties);
      });
    });
  }
}

/** The guest's error, as its `code` or `reason` and its message. */
export async function refusal(call: Promise<unknown>): Promise<{ is: string; message: string }> {
  const error = await call.then(
    () => assert.fail('the call was expected to fail'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GuestError, `not the guest's own error: ${String(error)}`);
  const { fault } = error;
  return { is: fault.reason === '' ? fault.code : fault.reason, message: error.message };
}

/** Asserts that a call fails with a status or reason, and a message that says so much. */
export async function refuses(call: Promise<unknown>, is: string, message: RegExp): Promise<void> {
  const answer = await refusal(call);
  assert.equal(answer.is, is, answer.message);
  assert.match(answer.message, message);
}

/** The etag of a key that is there. */
export async function etagOf(store: StateStore, key: string): Promise<string> {
  const etag = (await store.get(key))?.etag;
  assert.ok(etag !== undefined, `key ${key} is expected to be there`);
  return etag;
}

/** A key's value as text; undefined where there is no such key. */
export async function textOf(store: StateStore, key: string): Promise<string | undefined> {
  const item = await store.get(key);
  return item === undefined ? undefined : Buffer.from(item.data).toString('utf8');
}

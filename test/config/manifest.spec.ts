import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultManifest, readManifest, type Manifest } from '../../src/config/manifest.ts';
import { readModule } from '../../src/config/read-module.ts';

const MiB = 1024 ** 2;

describe('a plugin.yaml', () => {
  let folder: string;

  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'wasmstate-config-')), 'name');
    await mkdir(folder);
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  async function read(text: string): Promise<Manifest> {
    await writeFile(join(folder, 'plugin.yaml'), text);
    return readManifest('name', folder);
  }
  const refused = (text: string, ...messages: readonly RegExp[]): Promise<void> =>
    assert.rejects(read(text), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'CONFIG_INVALID');
      const lines = error.message.split('\n');
      assert.equal(lines.length, messages.length, error.message);
      for (const [i, message] of messages.entries()) assert.match(lines[i] ?? '', message);
      return true;
    });

  it('needs nothing but the module', async () => {
    const manifest = await read('module: build/x.wasm\n');
    assert.deepEqual(manifest, {
      name: 'name',
      module: join(folder, 'build/x.wasm'),
      dialect: 'auto',
      pool: { maxCalls: 0, idle: 60_000 },
      limits: {
        call: 5000,
        init: 4000,
        memory: 256 * MiB,
        request: 64 * MiB,
        queue: 1024,
        logLines: 100,
      },
      interrupt: true,
      env: {},
    });
    assert.deepEqual(defaultManifest('name', join(folder, 'build/x.wasm')), manifest);
  });

  it('says everything that there is to say, in units for people', async () => {
    const manifest = await read(`
module: x.wasm
sha256: ${'AB'.repeat(32)}
state: host
dialect: store-v0.1
pool: { max: 4, maxCalls: 1000, maxMemory: 16MiB, idle: 30s }
limits: { call: 1s, init: 2s, memory: 1GiB, request: 1MiB, queue: 0, logLines: 5 }
interrupt: false
reload: true
kv: { engine: redis, url: redis://host:6379, share: common }
env: { LEVEL: debug }
`);
    assert.deepEqual(manifest, {
      name: 'name',
      module: join(folder, 'x.wasm'),
      sha256: 'ab'.repeat(32),
      state: 'host',
      dialect: 'store-v0.1',
      pool: { max: 4, maxCalls: 1000, maxMemory: 16 * MiB, idle: 30_000 },
      limits: {
        call: 1000,
        init: 2000,
        memory: 1024 * MiB,
        request: MiB,
        queue: 0,
        logLines: 5,
      },
      interrupt: false,
      reload: true,
      kv: { engine: 'redis', url: 'redis://host:6379', share: 'common' },
      env: { LEVEL: 'debug' },
    });
  });

  it('grants the key-value capability with an empty map, engine sqlite', async () => {
    assert.deepEqual((await read('module: x.wasm\nkv: {}\n')).kv, { engine: 'sqlite' });
    assert.equal((await read('module: x.wasm\n')).kv, undefined);
  });

  it('is told by file, line and field where a field is unknown', async () => {
    await refused(
      'module: x.wasm\nlimits:\n  call: 1s\n  cal: 2s\nsped: 1\n',
      /^\/.*\/name\/plugin\.yaml:4: limits\.cal: unknown field$/,
      /plugin\.yaml:5: sped: unknown field$/,
    );
  });

  it('is told every mistake at once', async () => {
    await refused(
      `
state: shared
pool:
  max: 0
  maxCalls: -1
limits:
  call: 5
  queue: 1.5
interrupt: maybe
env: { A: 1 }
`,
      /:2: module: must be the path/,
      /:2: state: /,
      /:4: pool\.max: must be 1 or more/,
      /:5: pool\.maxCalls: /,
      /:7: limits\.call: "5" is not a number with a unit/,
      /:8: limits\.queue: must be a whole number/,
      /:9: interrupt: must be true or false/,
      /:10: env\.A: must be text; put it in quotes/,
    );
  });

  it('may not have limits under which nothing could be called', async () => {
    await refused(
      'module: x.wasm\nlimits: { call: 0s, init: 0ms, memory: 0B, request: 0MiB, queue: 0 }\n',
      /:2: limits\.call: must be more than 0/,
      /:2: limits\.init: must be more than 0/,
      /:2: limits\.memory: must be more than 0/,
      /:2: limits\.request: must be more than 0/,
    );
  });

  it('is told the line where it is no YAML', async () => {
    await refused('module: x.wasm\nlimits: { call: 1s\n', /:\d+: not valid YAML: /);
    await refused('module: a.wasm\nmodule: b.wasm\n', /:2: not valid YAML: .*unique/);
    await refused('just text\n', /:1: document: /);
    await refused('- module: x.wasm\n', /:1: document: /);
  });

  it('does not blow up where aliases multiply', async () => {
    const levels = Array.from({ length: 12 }, (_, i) => {
      const of = i === 0 ? 'x' : `*a${i - 1}`;
      return `a${i}: &a${i} [${Array.from({ length: 10 }, () => of).join(', ')}]`;
    });
    await refused(`module: x.wasm\n${levels.join('\n')}\n`, /plugin\.yaml: .*alias/i);
  });

  it('may not ask for a pool that would split or lose the state in an instance', async () => {
    await refused(
      'module: x.wasm\nstate: guest\npool:\n  max: 2\n  maxCalls: 9\n  maxMemory: 1MiB\n',
      /:4: pool\.max: .*one instance/,
      /:5: pool\.maxCalls: .*one instance/,
      /:6: pool\.maxMemory: .*one instance/,
    );
    const harmless = 'pool: { max: 1, maxCalls: 0, maxMemory: 0B }\n';
    assert.equal((await read(`module: x.wasm\nstate: guest\n${harmless}`)).pool.max, 1);
    assert.equal((await read('module: x.wasm\nstate: host\npool: { max: 2 }\n')).pool.max, 2);
  });

  it('may not name a module outside of its folder', async () => {
    for (const module of ['../x.wasm', '/x.wasm', '.', 'a/../../x.wasm']) {
      await refused(`module: ${module}\n`, /:1: module: must be the path of a Wasm file inside/);
    }
  });

  it('does not repeat values of its key-value settings, which may be secrets', async () => {
    const secret = 'hunter2';
    await assert.rejects(
      read(`module: x.wasm\nkv: { engine: redis, url: "${secret}" }\n`),
      (error) => {
        assert.match(String(error), /:2: kv\.url: must be a URL/);
        assert.ok(!String(error).includes(secret));
        return true;
      },
    );
  });

  it('that is missing is told with its path', async () => {
    await assert.rejects(readManifest('name', folder), {
      code: 'CONFIG_INVALID',
      message: /\/name\/plugin\.yaml: cannot be read/,
    });
  });

  it('names a module whose digest is told, and may fix it', async () => {
    const manifest = await read('module: x.wasm\n');
    await assert.rejects(readModule(manifest), {
      code: 'CONFIG_INVALID',
      message: /x\.wasm cannot be read; build it or mend `module`/,
    });
    await writeFile(manifest.module, 'bytes');
    const { bytes, digest } = await readModule(manifest);
    assert.equal(Buffer.from(bytes).toString(), 'bytes');
    assert.equal(digest, '277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9');
    await readModule({ ...manifest, sha256: digest });
    await assert.rejects(readModule({ ...manifest, sha256: 'ab'.repeat(32) }), {
      code: 'MODULE_REFUSED',
      message: new RegExp(`has the SHA-256 ${digest}, plugin\\.yaml asks for abab`),
    });
  });
});

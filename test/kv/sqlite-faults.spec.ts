import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import type { WasmstateError } from '../../src/error.ts';
import { createKeyspaces } from '../../src/kv/keyspaces.ts';
import { faultOf, put } from './client.ts';
import { SmallDisk } from './small-disk.ts';
import { SQLITE, TemporaryKeyspaces } from './temporary-keyspaces.ts';

/** `nobody` on Debian and most others. */
const NOBODY = 65_534;

describe('the sqlite engine, when things fail', () => {
  const on = new TemporaryKeyspaces();

  const openFailure = async (component: string): Promise<WasmstateError> =>
    on.open(component).then(
      () => assert.fail('it opened'),
      (error: unknown) => error as WasmstateError,
    );

  it('says so at once where there can be no folder', async function () {
    if (!existsSync('/proc/self')) this.skip();
    const keyspaces = createKeyspaces({ dataFolder: '/proc' });
    const name = { plugin: 'plugin', component: 'nowhere' };
    await assert.rejects(keyspaces.open({ ...SQLITE, path: 'x' }, name), (error: WasmstateError) =>
      /^\/proc\/x\/.*nowhere\.sqlite/.test(error.message),
    );
    await keyspaces.close();
  });

  it('keeps every acknowledged commit when its process is killed, each wholly', async function () {
    this.timeout(60_000);
    const script = fileURLToPath(new URL('sqlite-writer.ts', import.meta.url));
    const acknowledged: string[] = [];
    mkdirSync(dirname(on.file('killed')), { recursive: true });
    for (let run = 0; run < 6; run += 1) {
      const writer = spawn(process.execPath, [script, on.file('killed'), String(run)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(writer, 'exit');
      const enough = acknowledged.length + 150 + run * 37;
      const lines = createInterface(writer.stdout);
      for await (const line of lines) {
        acknowledged.push(line);
        if (acknowledged.length === enough) writer.kill('SIGKILL');
      }
      assert.deepEqual(await ended, [null, 'SIGKILL']);
    }
    const kv = await on.open('killed');
    const keys = new Set(await kv.keys());
    for (const key of acknowledged) assert.ok(keys.has(key), `${key} is lost`);
    for (const key of keys) {
      if (!key.endsWith('-twin')) assert.ok(keys.has(`${key}-twin`), `${key} is alone`);
    }
  });

  it('says that the disk is full, loses nothing, and goes on when there is room', async function () {
    using disk = SmallDisk.mount(this, `${on.folder}/small`);
    const { folder } = disk;
    const kv = await on.open('full', { ...SQLITE, path: folder });
    await kv.commit([put('kept', '1')]);
    const large = Buffer.alloc(4 * 1024 * 1024, 7);
    // In one transaction with others, which must not suffer from the one that does not fit.
    const [before, tooMuch, after] = await Promise.all([
      kv.tryCommit([put('before', '1')]),
      kv.tryCommit([put('large', large), put('with it', '1')]),
      kv.tryCommit([put('after', '1')]),
    ]);
    assert.deepEqual([before.error, after.error], [undefined, undefined]);
    assert.equal(faultOf(tooMuch), 'INTERNAL');
    assert.match(tooMuch.error?.message ?? '', /full\.sqlite: the disk is full/);
    let stored = 0;
    for (;;) {
      const response = await kv.tryCommit([put(`k${stored}`, Buffer.alloc(50_000))]);
      if (response.error !== undefined) break;
      stored += 1;
    }
    assert.deepEqual(
      await kv.keys({ keysOnly: true }),
      ['after', 'before', 'kept', ...Array.from({ length: stored }, (_, n) => `k${n}`)].toSorted(),
    );
    disk.grow();
    await kv.commit([put('again', '1')]);
    assert.deepEqual([await kv.text('kept'), await kv.text('again')], ['1', '1']);
    await kv.keyspace.close();
  });

  it('says that the folder cannot be written', async function () {
    const asRoot = process.geteuid?.() === 0;
    mkdirSync(`${on.folder}/kv/p`, { recursive: true });
    chmodSync(on.folder, 0o755);
    for (const folder of [`${on.folder}/kv`, `${on.folder}/kv/p`]) {
      if (asRoot) chownSync(folder, NOBODY, NOBODY);
      chmodSync(folder, 0o500);
    }
    // Root may write everywhere.
    if (asRoot) process.seteuid?.(NOBODY);
    try {
      const error = await openFailure('x');
      assert.equal(error.code, 'UNAVAILABLE');
      assert.match(error.message, /x\.sqlite: cannot be written/);
    } finally {
      if (asRoot) process.seteuid?.(0);
      for (const folder of [`${on.folder}/kv`, `${on.folder}/kv/p`]) chmodSync(folder, 0o700);
    }
  });

  it('says that a file is damaged, and does not touch it', async () => {
    mkdirSync(dirname(on.file('garbage')), { recursive: true });
    const garbage = Buffer.alloc(8192, 'not a database ');
    writeFileSync(on.file('garbage'), garbage);
    const error = await openFailure('garbage');
    assert.equal(error.code, 'UNAVAILABLE');
    assert.match(error.message, /garbage\.sqlite: the file is damaged or no database/);
    assert.deepEqual(readFileSync(on.file('garbage')), garbage);
  });

  it('says so when a page turns out damaged', async () => {
    const first = await on.open('page');
    for (let index = 0; index < 40; index += 1) {
      await first.commit([put(`k${index}`, Buffer.alloc(3000, index))]);
    }
    await first.keyspace.close();
    const file = openSync(on.file('page'), 'r+');
    const { size } = statSync(on.file('page'));
    for (let at = 4096 * 4; at < size; at += 4096)
      writeSync(file, Buffer.alloc(4096, 0xee), 0, 4096, at);
    const kv = await on.open('page');
    const response = await kv.tryScan({});
    assert.equal(faultOf(response), 'INTERNAL');
    assert.match(response.error?.message ?? '', /page\.sqlite: the file is damaged/);
  });

  it("leaves another program's database alone", async () => {
    mkdirSync(dirname(on.file('other')), { recursive: true });
    const other = new DatabaseSync(on.file('other'));
    other.exec('CREATE TABLE entry (name TEXT)');
    other.close();
    const error = await openFailure('other');
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /other\.sqlite: holds tables of another program/);
  });

  it('refuses a file of a later version', async () => {
    await (await on.open('later')).keyspace.close();
    const file = new DatabaseSync(on.file('later'));
    file.exec('PRAGMA user_version = 2');
    file.close();
    const error = await openFailure('later');
    assert.match(error.message, /later\.sqlite: has schema version 2, this wasmstate knows 1/);
  });

  it('opens again after it failed to', async () => {
    mkdirSync(on.file('again'), { recursive: true });
    await openFailure('again');
    execFileSync('rmdir', [on.file('again')]);
    await (await on.open('again')).commit([put('a', '1')]);
    assert.ok(existsSync(on.file('again')));
    assert.equal(statSync(on.file('again')).mode & 0o777, 0o600);
  });
});

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { put } from './client.ts';
import { SmallDisk } from './small-disk.ts';
import { SQLITE, TemporaryKeyspaces } from './temporary-keyspaces.ts';

describe('the write-ahead log of sqlite', () => {
  const on = new TemporaryKeyspaces();

  const length = (name: string): number => statSync(`${on.file(name)}-wal`).size;

  it('does not become longer with commits, however many', async () => {
    const kv = await on.open('long');
    const before = length('long');
    assert.ok(before > 1000 * 4096);
    for (let index = 0; index < 1200; index += 1) await kv.commit([put('a', String(index))]);
    assert.equal(length('long'), before);
  });

  it('leaves nothing in the tables of what made it long', async () => {
    const kv = await on.open('empty');
    assert.deepEqual(await kv.keys(), []);
    await kv.keyspace.close();
    const file = new DatabaseSync(on.file('empty'), { readOnly: true });
    const tables = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1");
    assert.deepEqual(
      tables.all().map(({ name }) => name),
      ['entry', 'keyspace'],
    );
    assert.deepEqual(
      { ...file.prepare('PRAGMA integrity_check').get() },
      { integrity_check: 'ok' },
    );
    file.close();
    assert.ok(statSync(on.file('empty')).size < 100_000);
  });

  it('stays as it is where a further connection opens the file', async () => {
    await (await on.open('two')).commit([put('a', '1')]);
    const before = length('two');
    // On the same file, as a thread's successor has it.
    const kv = await on.open('two', { ...SQLITE, path: './kv' });
    assert.equal(await kv.text('a'), '1');
    assert.equal(length('two'), before);
  });

  it('takes no room on a disk that has little', async function () {
    using disk = SmallDisk.mount(this, `${on.folder}/small`);
    const { folder } = disk;
    const kv = await on.open('full', { ...SQLITE, path: folder });
    assert.ok(statSync(`${folder}/p/full.sqlite-wal`).size < 100_000);
    await kv.commit([put('a', '1')]);
    assert.equal(await kv.text('a'), '1');
    await kv.keyspace.close();
  });

  it('grows with the commits where another process writes when the file is opened', async () => {
    await (await on.open('busy')).keyspace.close();
    const other = new DatabaseSync(on.file('busy'));
    other.exec('BEGIN IMMEDIATE');
    const kv = await on.open('busy');
    other.exec('ROLLBACK');
    other.close();
    assert.ok(length('busy') < 100_000);
    await kv.commit([put('a', '1')]);
    assert.equal(await kv.text('a'), '1');
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CommitQueue } from '../../src/kv/sqlite/commit-queue.ts';
import { openMemoryDatabase } from '../../src/kv/sqlite/open.ts';
import { Statements } from '../../src/kv/sqlite/statements.ts';
import { faultOf, hasVersion, put, within } from './client.ts';
import { TemporaryKeyspaces } from './temporary-keyspaces.ts';

describe('commits to sqlite', () => {
  const on = new TemporaryKeyspaces();

  it('share one transaction when they come in one turn', async () => {
    let transactions = 0;
    class Counting extends Statements {
      override commit(): void {
        transactions += 1;
        super.commit();
      }
    }
    const queue = new CommitQueue(new Counting(openMemoryDatabase()), 'test');
    const commits = Array.from({ length: 100 }, (_, index) =>
      queue.add(
        { checks: [], writes: [{ key: Buffer.from(`${index}`), put: Buffer.alloc(1), ttl: 0 }] },
        { deadline: Infinity },
      ),
    );
    const versions = (await Promise.all(commits)).map(
      (result) => 'version' in result && result.version,
    );
    assert.equal(new Set(versions).size, 100);
    assert.equal(transactions, 1);
  });

  it('wait for another process that writes, while everything else goes on', async () => {
    const kv = await on.open('busy');
    await kv.commit([put('a', '1')]);
    const other = new DatabaseSync(on.file('busy'));
    other.exec('BEGIN IMMEDIATE');
    const waiting = kv.tryCommit([put('a', '2')], [], within(10_000));
    // Reads see what was committed, and the thread runs: this would hang if the wait blocked it.
    for (let turn = 0; turn < 5; turn += 1) {
      await pause(5);
      assert.equal(await kv.text('a'), '1');
    }
    other.exec("INSERT INTO entry (key, version, expires, value) VALUES (x'62', 1, 0, x'33')");
    other.exec('COMMIT');
    assert.equal((await waiting).error, undefined);
    assert.deepEqual([await kv.text('a'), await kv.text('b')], ['2', '3']);
    other.close();
  });

  it('do not happen when the other process writes past their deadline', async () => {
    const kv = await on.open('late');
    await kv.commit([put('a', '1')]);
    const other = new DatabaseSync(on.file('late'));
    other.exec('BEGIN IMMEDIATE');
    assert.equal(faultOf(await kv.tryCommit([put('a', '2')], [], within(40))), 'DEADLINE_EXCEEDED');
    const gone = new AbortController();
    const call = { deadline: Infinity, signal: gone.signal };
    const aborted = kv.tryCommit([put('a', '3')], [], call);
    gone.abort();
    assert.equal(faultOf(await aborted), 'DEADLINE_EXCEEDED');
    other.exec('ROLLBACK');
    other.close();
    await kv.commit([put('b', '1')]);
    assert.equal(await kv.text('a'), '1');
  });

  it('of two threads on one file lose no increment', async () => {
    const kv = await on.open('threads');
    await kv.commit([put('n', '0')]);
    const worker = new Worker(new URL('sqlite-incrementer.ts', import.meta.url), {
      workerData: { file: on.file('threads'), times: 200 },
    });
    const ended = once(worker, 'exit');
    await once(worker, 'message');
    for (let done = 0; done < 200;) {
      const [entry] = await kv.get('n');
      const next = Number(entry?.value.toString()) + 1;
      const { failedCheck, error } = await kv.tryCommit(
        [put('n', String(next))],
        [hasVersion('n', entry?.version ?? 0n)],
        within(10_000),
      );
      assert.equal(error, undefined);
      if (failedCheck === undefined) done += 1;
    }
    assert.deepEqual(await ended, [0]);
    assert.equal(await kv.text('n'), '400');
  });

  it('give the space of expired keys back', async () => {
    const kv = await on.open('expired');
    const writes = Array.from({ length: 350 }, (_, index) => put(`gone${index}`, 'x', 1));
    await kv.commit([...writes, put('stays', '1', 3_600_000), put('for ever', '1')]);
    const other = new DatabaseSync(on.file('expired'), { readOnly: true });
    const rows = other.prepare('SELECT count(*) AS rows FROM entry');
    while (rows.get()?.['rows'] !== 2) await pause(20);
    other.close();
    assert.deepEqual(await kv.keys(), ['for ever', 'stays']);
  });

  it('go on with versions above all before, whatever the clock or a lost file says', async () => {
    const kv = await on.open('versions');
    const first = await kv.commit([put('a', '1')]);
    const other = new DatabaseSync(on.file('versions'));
    // As if the clock had been an hour ahead.
    other.exec('UPDATE keyspace SET last_version = last_version + 3600000000');
    other.close();
    assert.ok((await kv.commit([put('a', '2')])) > first + 3_600_000_000n);
    const fresh = await on.open('new file');
    assert.ok((await fresh.commit([put('a', '1')])) > first);
  });
});

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Connection } from 'pg';
import type { KvSettings } from '../../src/config/kv-settings.ts';
import type { WasmstateError } from '../../src/error.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, faultOf, hasVersion, isAbsent, isPresent, put } from './client.ts';

describe('what the postgres engine makes in the database', () => {
  let server: PostgresServer;
  let admin: Connection;
  const opened: Keyspaces[] = [];

  const host = (): Keyspaces => {
    const keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    opened.push(keyspaces);
    return keyspaces;
  };
  const settings = (schema: string, more: object = {}): KvSettings => ({
    engine: 'postgres',
    url: server.url,
    schema,
    connections: 3,
    ...more,
  });
  const name = { plugin: 'p', component: 'c' };

  before(async function () {
    requireProgram(this, 'postgres');
    this.timeout(40_000);
    server = await startPostgres('admin');
    admin = new Connection({ connectionString: server.url });
    await admin.connect();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((keyspaces) => keyspaces.close()));
  });
  after(async () => {
    await admin?.end();
    await server?.close();
  });

  it('is made once by hosts that start together', async () => {
    const clients = await Promise.all(
      Array.from({ length: 6 }, () => host().open(settings('together'), name)),
    );
    await Promise.all(clients.map((kv, index) => new Client(kv).commit([put(`k${index}`, '1')])));
    const { rows } = await admin.query('SELECT count(*) AS keyspaces FROM together.keyspace');
    assert.deepEqual(rows, [{ keyspaces: '1' }]);
    const [first] = clients;
    assert.equal((await new Client(first ?? assert.fail()).keys()).length, 6);
  });

  it('lets hosts that write the same keys lose nothing', async () => {
    const hosts = await Promise.all([1, 2, 3].map(() => host().open(settings('hosts'), name)));
    const clients = hosts.map((keyspace) => new Client(keyspace));
    await clients[0]?.commit([put('n', '0'), put('m', '0')]);
    const increment = async (kv: Client, key: string): Promise<void> => {
      for (let done = 0; done < 15;) {
        const [entry] = await kv.get(key);
        const { failedCheck, error } = await kv.tryCommit(
          [put(key, String(Number(entry?.value.toString()) + 1))],
          [hasVersion(key, entry?.version ?? 0n)],
        );
        assert.equal(error, undefined);
        if (failedCheck === undefined) done += 1;
      }
    };
    await Promise.all(
      clients.flatMap((kv) => ['n', 'm', 'n', 'm'].map((key) => increment(kv, key))),
    );
    assert.deepEqual([await clients[0]?.text('n'), await clients[1]?.text('m')], ['90', '90']);
  });

  it('is right under the strictest isolation, where transactions are run again', async () => {
    await admin.query("ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'");
    try {
      const kv = new Client(await host().open(settings('strict'), name));
      await kv.commit([put('a', '1')]);
      await admin.query('BEGIN');
      await admin.query('UPDATE strict.keyspace SET last_version = last_version + 1000');
      const commit = kv.commit([put('b', '1')], [isPresent('a')]);
      const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
      while ((await admin.query(waiting)).rowCount === 0) await pause(5);
      // Whoever waited has lost now: its transaction began before this one ended.
      await admin.query('COMMIT');
      await commit;
      assert.deepEqual(await kv.keys(), ['a', 'b']);
    } finally {
      await admin.query('ALTER DATABASE postgres RESET default_transaction_isolation');
    }
  });

  it('leaves a server that has become a standby, as its name may lead to the primary', async () => {
    const kv = new Client(await host().open(settings('standby'), name));
    await kv.commit([put('a', '1')]);
    const connected = async (): Promise<unknown[]> =>
      (
        await admin.query(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'wasmstate' ORDER BY pid",
        )
      ).rows;
    const before = await connected();
    assert.equal(before.length, 1);
    await admin.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await admin.query('SELECT pg_reload_conf()');
    try {
      for (;;) {
        const { error } = await kv.tryCommit([put('a', '2')]);
        if (error === undefined) continue;
        assert.equal(faultOf({ error }), 'UNAVAILABLE');
        assert.match(error.message, /read-only transaction/);
        break;
      }
    } finally {
      await admin.query('SET default_transaction_read_only = off');
      await admin.query('ALTER SYSTEM RESET default_transaction_read_only');
      await admin.query('SELECT pg_reload_conf()');
    }
    for (;;) {
      if ((await kv.tryCommit([put('a', '3')])).error === undefined) break;
    }
    assert.notDeepEqual(await connected(), before);
  });

  it('gives the space of expired keys back', async function () {
    const kv = new Client(await host().open(settings('expired'), name));
    await kv.commit([
      ...Array.from({ length: 700 }, (_, index) => put(`gone${index}`, 'x', 1)),
      put('stays', '1', 3_600_000),
      put('for ever', '1'),
    ]);
    const rows = async (): Promise<unknown> =>
      (await admin.query('SELECT count(*)::int AS rows FROM expired.entry')).rows[0];
    while (JSON.stringify(await rows()) !== '{"rows":2}') await pause(100);
    assert.deepEqual(await kv.keys(), ['for ever', 'stays']);
  });

  it('serves a user who may not create anything, once it is there', async () => {
    await host().open(settings('granted'), name);
    await admin.query(`
      CREATE ROLE plain LOGIN PASSWORD 'plain-Pa55word';
      GRANT USAGE ON SCHEMA granted TO plain;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA granted TO plain;
    `);
    const plain = { username: 'plain', password: 'plain-Pa55word' };
    const kv = new Client(await host().open(settings('granted', plain), name));
    await kv.commit([put('a', '1')]);
    const error = await host()
      .open(settings('not_granted', plain), name)
      .then(
        () => assert.fail('it opened'),
        (reason: unknown) => reason as WasmstateError,
      );
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /permission denied.*allowed to create the schema/);
    assert.doesNotMatch(error.message, /Pa55word/);
  });

  it('says that there is no such database', async () => {
    const url = server.url.replace(/\/postgres$/, '/missing');
    const error = await host()
      .open(settings('x', { url }), name)
      .then(
        () => assert.fail('it opened'),
        (reason: unknown) => reason as WasmstateError,
      );
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.match(error.message, /database "missing" does not exist/);
  });

  it('is read through the index also where the table was small when the plan was made', async () => {
    const usage = async (atLeast: number): Promise<number> => {
      for (;;) {
        const { rows } = await admin.query<{ seq: number; idx: number }>(
          `SELECT seq_scan::int AS seq, idx_scan::int AS idx FROM pg_stat_user_tables
           WHERE schemaname = 'plans' AND relname = 'entry'`,
        );
        const [row] = rows;
        if (row !== undefined && row.idx >= atLeast) return row.seq;
        await pause(50);
      }
    };
    const run = async (work: (kv: Client) => Promise<unknown>): Promise<void> => {
      const keyspaces = host();
      await work(new Client(await keyspaces.open(settings('plans'), name)));
      // The statistics of a connection are complete when it has ended.
      await keyspaces.close();
    };
    await run((kv) => kv.commit([put('k1', '1')], [isAbsent('k1')]));
    await admin.query('ANALYZE plans.entry');
    const before = await usage(1);
    await run(async (kv) => {
      for (let index = 0; index < 10; index += 1) {
        await kv.keys({ prefix: 'k' });
        await kv.get('k1');
        await kv.get('k1', 'k2');
        await kv.commit([put('k1', '1')], [isPresent('k1')]);
      }
    });
    assert.equal(await usage(40), before);
  });
});

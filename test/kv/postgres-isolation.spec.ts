import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Connection } from 'pg';
import type { KvSettings } from '../../src/config/kv-settings.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, faultOf, hasVersion, put, remove, within } from './client.ts';
import { describeContract } from './contract.ts';

const LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;

/**
 * PostgreSQL under the isolation that its kin start with: CockroachDB's default is serializable,
 * YugabyteDB's was snapshot, which is PostgreSQL's repeatable read. There a statement that met
 * another transaction is refused with 40001.
 */
describe('the postgres engine, where transactions that meet are refused', () => {
  let server: PostgresServer;

  const databaseOf = (level: string): string => level.replace(' ', '_');
  const urlOf = (level: string): string => server.url.replace(/postgres$/, databaseOf(level));
  const settings = (level: string, more: object = {}): KvSettings => ({
    engine: 'postgres',
    url: urlOf(level),
    schema: 'wasmstate',
    connections: 4,
    ...more,
  });
  const asAdmin = async <T>(level: string, work: (admin: Connection) => Promise<T>): Promise<T> => {
    const admin = new Connection({ connectionString: urlOf(level) });
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.end();
    }
  };

  before(async function () {
    requireProgram(this, 'postgres');
    this.timeout(40_000);
    server = await startPostgres('isolation');
    const admin = new Connection({ connectionString: server.url });
    await admin.connect();
    for (const level of LEVELS) {
      const database = databaseOf(level);
      await admin.query(`CREATE DATABASE ${database}`);
      await admin.query(
        `ALTER DATABASE ${database} SET default_transaction_isolation = '${level}'`,
      );
    }
    await admin.end();
  });
  after(() => server?.close());

  for (const level of LEVELS.slice(1)) {
    describe(`keeps the contract: ${level}`, () => {
      describeContract({
        settings: () => settings(level),
        dataFolder: () => '/nonexistent',
        outlivesHost: true,
      });
    });
  }

  for (const level of LEVELS) {
    it(`orders what two hosts commit to the same keyspaces: ${level}`, async () => {
      const hosts: Keyspaces[] = [1, 2].map(() => createKeyspaces({ dataFolder: '/nonexistent' }));
      const names = ['one', 'two', 'three'];
      const stores = await Promise.all(
        names.map((component) =>
          Promise.all(
            hosts.map(
              async (host) =>
                new Client(await host.open(settings(level), { plugin: 'meet', component })),
            ),
          ),
        ),
      );
      const versions: bigint[][] = names.map(() => []);
      // One put goes by another statement than what has checks, deletes or several keys.
      const write = async (kv: Client, given: bigint[]): Promise<void> => {
        for (let index = 0; index < 30; index += 1) {
          given.push(await kv.commit([put('a', `${index}`)]));
          given.push(await kv.commit([put('a', `${index}`), put('b', '1'), remove('c')]));
          await kv.commit([remove('b')]);
        }
      };
      const increment = async (kv: Client): Promise<void> => {
        for (let done = 0; done < 15;) {
          const [entry] = await kv.get('n');
          const checks = [hasVersion('n', entry?.version ?? 0n)];
          const next = String(Number(entry?.value.toString()) + 1);
          const { failedCheck, error } = await kv.tryCommit([put('n', next)], checks);
          assert.equal(error, undefined);
          if (failedCheck === undefined) done += 1;
        }
      };
      for (const [first] of stores) await first?.commit([put('n', '0')]);
      await Promise.all(
        stores.flatMap((clients, at) =>
          clients.flatMap((kv) => [write(kv, versions[at] ?? []), increment(kv)]),
        ),
      );
      for (const [at, [first]] of stores.entries()) {
        assert.equal(await first?.text('n'), '30');
        const given = versions[at] ?? [];
        assert.equal(new Set(given).size, 120, 'no version is given twice');
        const [a] = (await first?.get('a')) ?? [];
        const highest = given.reduce((most, version) => (version > most ? version : most), 0n);
        assert.equal(a?.version, highest, 'what was written last has the highest version');
      }
      await Promise.all(hosts.map((host) => host.close()));
      if (level === 'read committed') return;
      // Counted when the connections have ended.
      const refused = 'SELECT FROM pg_stat_database WHERE datname = $1 AND xact_rollback > 0';
      await asAdmin(level, async (admin) => {
        while ((await admin.query(refused, [databaseOf(level)])).rowCount === 0) await pause(20);
      });
    });
  }

  it('lets hosts open the same keyspaces at the same time', async () => {
    const hosts = Array.from({ length: 6 }, () => createKeyspaces({ dataFolder: '/nonexistent' }));
    for (let round = 0; round < 8; round += 1) {
      const name = { plugin: 'open', component: `c${round}` };
      await Promise.all(hosts.map((host) => host.open(settings('repeatable read'), name)));
    }
    await Promise.all(hosts.map((host) => host.close()));
  });

  describe('when every statement may be', () => {
    const level = 'serializable';
    const plain = { schema: 'losing', username: 'plain', password: 'plain-Pa55word' };
    let keyspaces: Keyspaces;
    let kv: Client;

    /** The next so many looks at an entry fail with 40001, in gets, scans and commits alike. */
    const lose = (times: number): Promise<unknown> =>
      asAdmin(level, (admin) => admin.query(`ALTER SEQUENCE losing.left RESTART WITH ${times}`));

    before(async () => {
      const owner = createKeyspaces({ dataFolder: '/nonexistent' });
      const name = { plugin: 'p', component: 'c' };
      await owner.open(settings(level, { schema: 'losing' }), name);
      await owner.close();
      // A sequence counts on where its transaction is rolled back; row security asks for each row.
      await asAdmin(level, (admin) =>
        admin.query(`
          CREATE ROLE plain LOGIN PASSWORD 'plain-Pa55word';
          GRANT USAGE ON SCHEMA losing TO plain;
          GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA losing TO plain;
          CREATE SEQUENCE losing.left INCREMENT -1 MINVALUE -1000000 MAXVALUE 1000000 START 0;
          CREATE FUNCTION losing.wins() RETURNS boolean VOLATILE SECURITY DEFINER
            LANGUAGE plpgsql AS $body$
          BEGIN
            IF nextval('losing.left') > 0 THEN
              RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001';
            END IF;
            RETURN true;
          END $body$;
          ALTER TABLE losing.entry ENABLE ROW LEVEL SECURITY;
          CREATE POLICY wins ON losing.entry USING (losing.wins());
        `),
      );
      keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
      kv = new Client(await keyspaces.open(settings(level, plain), name));
      await kv.commit([put('a', '0'), put('b', '0')]);
    });
    after(() => keyspaces?.close());

    const works: Record<string, () => Promise<unknown>> = {
      'a get': async () => assert.equal(await kv.text('a'), '0'),
      'a get of several keys': async () => assert.equal((await kv.get('a', 'b')).length, 2),
      'a scan': async () => assert.deepEqual(await kv.keys({ prefix: 'a' }), ['a']),
      'a put': () => kv.commit([put('c', '1')]),
      'a commit with checks': async () => {
        const [entry] = await kv.get('b');
        await lose(3);
        await kv.commit([put('b', '0')], [hasVersion('b', entry?.version ?? 0n)]);
        // Made twice it would have failed, as the version is another one after the first time.
      },
    };
    for (const [what, work] of Object.entries(works)) {
      it(`runs ${what} again until it succeeds`, async () => {
        await lose(3);
        await work();
        const { rows } = await asAdmin(level, (admin) =>
          admin.query<{ left: string }>('SELECT last_value AS left FROM losing.left'),
        );
        assert.ok(Number(rows[0]?.left) <= 0, 'it was refused three times');
      });
    }

    it('answers in time where it never succeeds, and nothing was written', async () => {
      await lose(1_000_000);
      const late = await kv.tryCommit([put('never', '1')], [], within(200));
      const read = await kv.tryGet(['a'], within(200));
      assert.deepEqual([late, read].map(faultOf), ['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
      await lose(0);
      assert.equal(await kv.text('never'), undefined);
    });
  });
});

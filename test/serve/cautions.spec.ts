import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openPlugin, type LogEntry } from '../../src/index.ts';
import { startRedis, type RedisServer } from '../servers/redis.ts';
import { requireProgram } from '../servers/require-program.ts';
import { ServeFolders, shippedModule } from './serve-folders.ts';

describe('a component whose engine may lose what it acknowledged', () => {
  let folders: ServeFolders;
  before(async () => {
    folders = await ServeFolders.make();
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
  });
  after(() => folders[Symbol.asyncDispose]());

  /** The reasons of the warnings that opening a component with these properties gave. */
  const cautions = async (properties: Record<string, string>): Promise<unknown[]> => {
    const logged: LogEntry[] = [];
    await using plugin = await openPlugin(join(folders.plugins, 'durable'), {
      dataFolder: folders.data,
      log: (entry) => logged.push(entry),
    });
    await using store = await plugin.open('component', properties);
    await store.set('key', 'value');
    const warnings = logged.filter(({ level }) => level === 'warn');
    for (const { fields } of warnings) assert.equal(fields['component'], 'component');
    return warnings.map(({ fields }) => fields['reason']);
  };

  it('says so of the memory engine, and nothing of sqlite', async () => {
    const [reason, ...more] = await cautions({ 'kv.engine': 'memory' });
    assert.match(String(reason), /memory engine .* end of wasmstate/);
    assert.deepEqual(more, []);
    assert.deepEqual(await cautions({}), []);
  });

  describe('on redis', function () {
    let server: RedisServer;
    before(async function () {
      requireProgram(this, 'redis-server');
      server = await startRedis();
    });
    after(() => server?.close());

    const configure = async (limit: string, policy: string): Promise<void> => {
      await server.command('CONFIG', 'SET', 'maxmemory', limit);
      await server.command('CONFIG', 'SET', 'maxmemory-policy', policy);
    };
    const onRedis = (more: Record<string, string> = {}): Promise<unknown[]> =>
      cautions({ 'kv.engine': 'redis', 'kv.url': server.url, ...more });

    it('says so where the server evicts keys', async () => {
      await configure('100mb', 'volatile-ttl');
      const [reason, ...more] = await onRedis();
      const where = `redis at 127\\.0\\.0\\.1:${server.port}`;
      assert.match(String(reason), new RegExp(`${where} evicts .*volatile-ttl.* noeviction`));
      assert.deepEqual(more, []);
    });

    it('says nothing where it never does', async () => {
      await configure('100mb', 'noeviction');
      assert.deepEqual(await onRedis(), []);
      await configure('0', 'allkeys-lru');
      assert.deepEqual(await onRedis(), []);
    });

    it('works for a user who may not ask', async () => {
      await configure('100mb', 'allkeys-lru');
      await server.command('ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '+@all', '-info');
      assert.deepEqual(await onRedis({ 'kv.username': 'app', 'kv.password': 'pass' }), []);
    });
  });
});

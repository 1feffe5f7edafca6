import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { startRedis, type RedisServer } from '../servers/redis.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, NO_DEADLINE, faultOf, put } from './client.ts';
import { CuttingProxy } from './cutting-proxy.ts';

describe('what the redis engine keeps in the server', () => {
  let server: RedisServer;
  let keyspaces: Keyspaces;
  let kv: Client;
  before(async function () {
    requireProgram(this, 'redis-server');
    server = await startRedis();
  });
  beforeEach(async () => {
    await server.command('FLUSHALL');
    keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    const settings = { engine: 'redis', url: server.url, cluster: false, prefix: 'w' } as const;
    kv = new Client(await keyspaces.open(settings, { plugin: 'p', component: 'c' }));
  });
  afterEach(() => keyspaces.close());
  after(() => server?.close());

  const members = async (set: string): Promise<string[]> => {
    const reply = await server.command('ZRANGE', `w:{p/c}:${set}`, '0', '-1');
    return [...reply.matchAll(/\$\d+\r\n(\w+)\r\n/g)].map(([, member]) => String(member));
  };
  const untilExpired = async (key: string): Promise<void> => {
    while (!(await server.command('EXISTS', `w:{p/c}/${key}`)).includes(':0')) await pause(2);
  };

  it('expires by itself, and leaves the sets of keys at the next commit', async () => {
    await kv.commit([put('gone', '1', 20), put('stays', '1', 60_000), put('ever', '1')]);
    assert.deepEqual(await members('keys'), ['ever', 'gone', 'stays']);
    await untilExpired('gone');
    await kv.commit([put('other', '1')]);
    assert.deepEqual(await members('keys'), ['ever', 'other', 'stays']);
    assert.deepEqual(await members('expiries'), ['stays']);
  });

  it('leaves the sets of keys at the next scan, too', async () => {
    await kv.commit([put('gone', '1', 20), put('ever', '1')]);
    await untilExpired('gone');
    assert.deepEqual(await kv.keys(), ['ever']);
    assert.deepEqual(await members('keys'), ['ever']);
    assert.deepEqual(await members('expiries'), []);
  });

  it('is found again by commits and scans of a server that forgot their scripts', async () => {
    await kv.commit([put('a', '1')]);
    await server.command('SCRIPT', 'FLUSH');
    await kv.commit([put('b', '1')]);
    await server.command('SCRIPT', 'FLUSH');
    assert.deepEqual(await kv.keys(), ['a', 'b']);
  });

  it('does not get older versions when the counter was lost', async () => {
    const first = await kv.commit([put('a', '1')]);
    await server.command('DEL', 'w:{p/c}:version');
    assert.ok((await kv.commit([put('a', '2')])) > first);
  });

  it('keeps its connection when a caller leaves before an answer that comes', async () => {
    const ours = async (): Promise<string | undefined> => {
      const clients = await server.command('CLIENT', 'LIST');
      return /^id=(\d+) .* cmd=(?!client)/m.exec(clients)?.[1];
    };
    await kv.commit([put('a', '1')]);
    const before = await ours();
    const caller = new AbortController();
    const left = kv.tryCommit([put('a', '2')], [], { ...NO_DEADLINE, signal: caller.signal });
    caller.abort();
    assert.equal(faultOf(await left), 'DEADLINE_EXCEEDED');
    // Longer than a server is given that says nothing.
    await pause(1200);
    assert.equal(await ours(), before);
  });

  it('is reached with the user of the settings before that of the URL, or with both', async () => {
    await server.command('ACL', 'SETUSER', 'alice', 'on', '>p w', '~*', '+@all');
    const at = `127.0.0.1:${server.port}`;
    for (const [url, user] of [
      [`redis://alice@${at}`, { password: 'p w' }],
      [`redis://other:old@${at}`, { username: 'alice', password: 'p w' }],
      [`redis://:p%20w@${at}`, { username: 'alice' }],
      [`redis://alice:p%20w@${at}`, {}],
      [`redis://alice:old@${at}`, { password: 'p w' }],
    ] as const) {
      const settings = { engine: 'redis', url, ...user, cluster: false, prefix: 'w' } as const;
      const keyspace = await keyspaces.open(settings, { plugin: 'p', component: 'c' });
      await new Client(keyspace).commit([put('a', '1')]);
      await keyspace.close();
    }
  });

  it('is written at the new master where the old one has become a replica', async () => {
    const proxy = await CuttingProxy.start(server.port);
    const next = await startRedis();
    try {
      const url = `redis://127.0.0.1:${proxy.port}`;
      const settings = { engine: 'redis', url, cluster: false, prefix: 'w' } as const;
      const failing = new Client(await keyspaces.open(settings, { plugin: 'p', component: 'm' }));
      await failing.commit([put('a', '1')]);
      await server.command('REPLICAOF', '127.0.0.1', String(next.port));
      proxy.retarget(next.port);
      const refused = await failing.tryCommit([put('a', '2')]);
      assert.equal(faultOf(refused), 'UNAVAILABLE');
      await failing.commit([put('a', '3')]);
      assert.match(await next.command('EXISTS', 'w:{p/m}/a'), /:1/);
    } finally {
      await server.command('REPLICAOF', 'NO', 'ONE');
      await next.close();
      await proxy.close();
    }
  });

  it('stays whole when the server has no memory left for a commit', async () => {
    await kv.commit([put('a', '1'), put('b', '1')]);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    const refused = await kv.tryCommit([put('a', '2'), put('b', '2')]);
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    assert.equal(faultOf(refused), 'INTERNAL');
    assert.match(refused.error?.message ?? '', /out of memory/);
    assert.deepEqual([await kv.text('a'), await kv.text('b')], ['1', '1']);
  });
});

import assert from 'node:assert/strict';
import { createKeyspaces } from '../../src/kv/keyspaces.ts';
import { startRedisCluster, type RedisCluster } from '../servers/redis.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, isAbsent, put } from './client.ts';
import { describeContract } from './contract.ts';

describe('the redis engine on a cluster', () => {
  let cluster: RedisCluster;
  const settings = (isCluster: boolean) =>
    ({ engine: 'redis', url: cluster.url, cluster: isCluster, prefix: 'wasmstate' }) as const;

  before(async function () {
    requireProgram(this, 'redis-server');
    this.timeout(60_000);
    cluster = await startRedisCluster();
  });
  after(() => cluster?.close());

  describeContract({
    settings: () => settings(true),
    dataFolder: () => '/nonexistent',
    outlivesHost: true,
  });

  it('keeps each keyspace on one node, and different ones on different nodes', async () => {
    const keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    try {
      await Promise.all(cluster.nodes.map((node) => node.command('FLUSHALL')));
      for (let index = 0; index < 12; index += 1) {
        const name = { plugin: 'spread', component: `c${index}` };
        const kv = new Client(await keyspaces.open(settings(true), name));
        await kv.commit([put('a', '1'), put('b', '1', 60_000)], [isAbsent('c')]);
      }
      const keys = await Promise.all(cluster.nodes.map((node) => node.command('KEYS', '*')));
      const owners = keys.map(
        (reply) => new Set([...reply.matchAll(/\{spread\/(c\d+)\}/g)].map(([, name]) => name)),
      );
      assert.equal(
        owners.reduce((sum, { size }) => sum + size, 0),
        12,
      );
      assert.ok(owners.every(({ size }) => size > 0));
    } finally {
      await keyspaces.close();
    }
  });

  it('says what is missing where the settings do not tell of the cluster', async () => {
    const keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    try {
      const errors = new Set<string | undefined>();
      for (let index = 0; index < 12; index += 1) {
        const name = { plugin: 'untold', component: `c${index}` };
        const kv = new Client(await keyspaces.open(settings(false), name));
        errors.add((await kv.tryGet(['a'])).error?.message);
      }
      assert.ok([...errors].some((message) => message?.includes('set kv.cluster to true')));
    } finally {
      await keyspaces.close();
    }
  });
});

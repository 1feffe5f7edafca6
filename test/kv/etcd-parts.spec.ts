import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { packCommits } from '../../src/kv/etcd/commits.ts';
import { Leases } from '../../src/kv/etcd/leases.ts';
import type { EtcdLink } from '../../src/kv/etcd/link.ts';
import type { Place } from '../../src/kv/etcd/reads.ts';
import { Token } from '../../src/kv/etcd/token.ts';
import type { RpcError } from '../../src/kv/grpc/rpc-error.ts';
import { TestServer } from './http2/test-server.ts';

describe('parts of the etcd engine', () => {
  it('share a lease whose first caller has left', async () => {
    const granted = Promise.withResolvers<{ ID: bigint }>();
    let asked = 0;
    const read = (): Promise<{ ID: bigint }> => {
      asked += 1;
      return granted.promise;
    };
    const leases = new Leases({ where: 'etcd', read } as unknown as EtcdLink);
    const expiry = Date.now() + 60_000;
    const hasty = leases.until(expiry, { deadline: performance.now() + 20 });
    const patient = leases.until(expiry, { deadline: performance.now() + 60_000 });
    await assert.rejects(hasty, { fault: 'DEADLINE_EXCEEDED' });
    granted.resolve({ ID: 7n });
    assert.equal(await patient, 7n);
    assert.equal(asked, 1);
  });

  it('ask again for a lease that was refused', async () => {
    let answer = Promise.reject<{ ID: bigint }>(new Error('refused'));
    const leases = new Leases({ where: 'etcd', read: () => answer } as unknown as EtcdLink);
    const call = { deadline: performance.now() + 60_000 };
    const expiry = Date.now() + 60_000;
    await assert.rejects(leases.until(expiry, call), /refused/);
    answer = Promise.resolve({ ID: 8n });
    await pause(1);
    assert.equal(await leases.until(expiry, call), 8n);
  });

  it('put nothing beside a commit that fills a transaction', () => {
    const place = { base: Buffer.from('base'), maxOperations: 128 } as Place;
    const commit = (prefix: string, count: number) => ({
      checks: [],
      writes: Array.from({ length: count }, (_, index) => ({
        key: Buffer.from(`${prefix}${index}`),
        put: Buffer.from('v'),
        ttl: 0,
      })),
    });
    const alone = packCommits(place)();
    alone(commit('large', 128));
    assert.equal(alone(commit('small', 1)), false);
    const together = packCommits(place)();
    assert.equal(together(commit('a', 1)), true);
    assert.equal(together(commit('b', 1)), true);
  });

  it('know that nothing was sent for which there was no token', async () => {
    let message = 'etcdserver: leader changed';
    const server = await TestServer.start((stream) => {
      const status = { 'grpc-status': '14', 'grpc-message': message };
      stream.respond({ ':status': 200, ...status }, { endStream: true });
    });
    const connection = await server.connect();
    try {
      const endpoint = { host: '127.0.0.1', port: server.port, secure: false };
      const token = new Token({ name: 'user', password: 'password' });
      const failure = (): Promise<RpcError> =>
        token.ask({ connection, endpoint }).then(assert.fail, (error: RpcError) => error);
      const passing = await failure();
      assert.deepEqual([passing.reached, /leader changed/.test(passing.message)], [false, true]);
      message = 'etcdserver: authentication failed, invalid user ID or password';
      assert.equal((await failure()).reached, true);
    } finally {
      connection.close();
      server.close();
    }
  });
});

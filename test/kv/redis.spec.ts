import { startRedis, type RedisServer } from '../servers/redis.ts';
import { requireProgram } from '../servers/require-program.ts';
import { describeContract } from './contract.ts';

describe('the redis engine', function () {
  let server: RedisServer;
  before(async function () {
    requireProgram(this, 'redis-server');
    server = await startRedis();
  });
  after(() => server?.close());

  describeContract({
    settings: () => ({ engine: 'redis', url: server.url, cluster: false, prefix: 'wasmstate' }),
    dataFolder: () => '/nonexistent',
    outlivesHost: true,
  });
});

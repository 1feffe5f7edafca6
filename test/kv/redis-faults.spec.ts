import { startRedis } from '../servers/redis.ts';
import { describeFaults, PASSWORD } from './faults.ts';

describe('the redis engine, when things fail', () => {
  describeFaults({
    program: 'redis-server',
    start: () => startRedis({ password: PASSWORD }),
    settings: (port, password) => ({
      engine: 'redis',
      url: `redis://:${password}@127.0.0.1:${port}`,
      cluster: false,
      prefix: 'wasmstate',
    }),
  });
});

import { startEtcd } from '../servers/etcd.ts';
import { describeFaults, PASSWORD } from './faults.ts';

describe('the etcd engine, when things fail', () => {
  describeFaults({
    program: 'etcd',
    start: () => startEtcd({ password: PASSWORD }),
    settings: (port, password) => ({
      engine: 'etcd',
      url: [`http://127.0.0.1:${port}`],
      username: 'root',
      password,
      prefix: 'wasmstate',
      maxOperations: 128,
      maxRequest: 1536 * 1024,
    }),
  });
});

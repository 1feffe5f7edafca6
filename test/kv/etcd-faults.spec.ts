import { startEtcd } from '../servers/etcd.ts';
import { carriesHttp2Message } from './cutting-proxy.ts';
import { describeFaults, PASSWORD } from './faults.ts';

describe('the etcd engine, when things fail', () => {
  describeFaults({
    program: 'etcd',
    carries: carriesHttp2Message,
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

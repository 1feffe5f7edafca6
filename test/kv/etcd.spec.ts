import { startEtcd, type EtcdServer } from '../servers/etcd.ts';
import { requireProgram } from '../servers/require-program.ts';
import { describeContract } from './contract.ts';

describe('the etcd engine', () => {
  let server: EtcdServer;
  before(async function () {
    requireProgram(this, 'etcd');
    server = await startEtcd();
  });
  after(() => server?.close());

  describeContract({
    settings: () => ({
      engine: 'etcd',
      url: [server.url],
      prefix: 'wasmstate',
      maxOperations: 128,
      maxRequest: 1536 * 1024,
    }),
    dataFolder: () => '/nonexistent',
    outlivesHost: true,
  });
});

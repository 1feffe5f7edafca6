import { startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { requireProgram } from '../servers/require-program.ts';
import { describeContract } from './contract.ts';

describe('the postgres engine', () => {
  let server: PostgresServer;
  before(async function () {
    requireProgram(this, 'postgres');
    this.timeout(40_000);
    server = await startPostgres('contract');
  });
  after(() => server?.close());

  describeContract({
    settings: () => ({ engine: 'postgres', url: server.url, schema: 'wasmstate', connections: 8 }),
    dataFolder: () => '/nonexistent',
    outlivesHost: true,
  });
});

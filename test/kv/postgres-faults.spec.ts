import { startPostgres } from '../servers/postgres.ts';
import { describeFaults, PASSWORD } from './faults.ts';

describe('the postgres engine, when things fail', () => {
  describeFaults({
    program: 'postgres',
    start: () => startPostgres(PASSWORD),
    settings: (port, password) => ({
      engine: 'postgres',
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      schema: 'wasmstate',
      connections: 4,
    }),
  });
});

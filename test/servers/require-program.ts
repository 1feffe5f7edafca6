import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { postgresFolder } from './postgres.ts';

/** What the tests run, and the Debian package that has it. */
const PROGRAMS = {
  'redis-server': 'redis-server',
  postgres: 'postgresql',
  etcd: 'etcd-server',
} as const;

/**
 * To be called first in a suite's `before`: without the program its tests are skipped with a
 * word about it, or fail where CI=true.
 */
export function requireProgram(suite: Mocha.Context, program: keyof typeof PROGRAMS): void {
  const found =
    program === 'postgres'
      ? postgresFolder() !== undefined
      : (process.env['PATH'] ?? '')
          .split(delimiter)
          .some((folder) => existsSync(join(folder, program)));
  if (found) return;
  const reason = `${program} is not installed (Debian: ${PROGRAMS[program]})`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  suite.skip();
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs that the benchmark runs, with the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  h2load: 'nghttp2-client',
  wrk: 'wrk',
  go: 'golang (1.26 or later)',
  'redis-server': 'redis-server',
  etcd: 'etcd-server',
  initdb: 'postgresql',
};

/** Throws, naming all of them, where a program is missing. */
export function requireTools(): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = Object.entries(TOOLS).filter(
    ([program]) =>
      !folders.some((folder) => existsSync(join(folder, program))) &&
      // Debian keeps PostgreSQL's outside the path.
      !(program === 'initdb' && existsSync('/usr/lib/postgresql')),
  );
  if (missing.length === 0) return;
  const list = missing.map(([program, source]) => `${program} (from ${source})`);
  throw new Error(`the benchmark needs ${list.join(', ')}`);
}

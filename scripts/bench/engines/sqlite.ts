import { join } from 'node:path';
import type { RunningEngine } from './engine.ts';

/**
 * Embedded on both sides, each with a file of its own. Both commit with WAL and synchronous
 * FULL: the driver of daprd's component leaves SQLite's own default, which is FULL.
 */
export async function startSqlite(scratch: string): Promise<RunningEngine> {
  return {
    builtIn: {
      type: 'state.sqlite',
      version: 'v1',
      metadata: { connectionString: join(scratch, 'builtin.db') },
    },
    own: { 'kv.engine': 'sqlite' },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningEngine } from './engines/engine.ts';
import { startEtcd } from './engines/etcd.ts';
import { startPostgres } from './engines/postgres.ts';
import { startRedis } from './engines/redis.ts';
import { startSqlite } from './engines/sqlite.ts';
import type { HttpLoad } from './http-load.ts';
import type { Series } from './interleave.ts';
import { startDaprd } from './peers/daprd.ts';
import { startWasmstate } from './peers/wasmstate.ts';
import { copyPlugin } from './plugin-folder.ts';
import { throughDaprd } from './through-daprd.ts';

const LOADS: readonly HttpLoad[] = ([1, 32] as const).flatMap((clients) =>
  (['get', 'set', 'transact'] as const).map((call): HttpLoad => ({ call, clients })),
);

export const engines: Readonly<Record<string, (scratch: string) => Promise<RunningEngine>>> = {
  sqlite: startSqlite,
  redis: startRedis,
  postgres: startPostgres,
  etcd: startEtcd,
};

/**
 * state.durable on one engine beside daprd's own component on the same engine, both in one
 * daprd.
 */
export async function durableOn(
  engine: string,
  own: string,
  effort: { readonly rounds: number; readonly seconds: number },
  scratch: string,
  progress: (text: string) => void,
): Promise<Series<string>[]> {
  const start = engines[engine];
  if (start === undefined) throw new Error(`no engine ${engine}`);
  const plugins = join(scratch, 'plugins');
  const sockets = join(scratch, 'sockets');
  await mkdir(sockets, { recursive: true });
  await copyPlugin('durable', plugins, 'durable');

  await using servers = new AsyncDisposableStack();
  const running = servers.use(await start(scratch));
  servers.use(await startWasmstate(scratch, { plugins, sockets, expected: ['durable'] }));
  const daprd = servers.use(
    await startDaprd(scratch, sockets, [
      { name: 'builtin', ...running.builtIn },
      { name: 'durable', type: 'state.durable', metadata: running.own },
    ]),
  );
  const stores = [
    { name: `daprd's own ${running.builtIn.type}`, component: 'builtin' },
    { name: own, component: 'durable' },
  ];
  // Awaited here: the servers end with this scope.
  return await throughDaprd(daprd.port, stores, LOADS, effort, progress);
}

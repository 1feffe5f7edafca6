import { chown, glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { runProgram } from '../run-program.ts';
import { ServedProcess } from '../served-process.ts';
import type { RunningEngine } from './engine.ts';

/** One PostgreSQL with its defaults, which sync every commit to disk, for both sides. */
export async function startPostgres(scratch: string): Promise<RunningEngine> {
  const programs = await programsFolder();
  // Its own folder: the account that it runs under must not need to enter anybody else's.
  const folder = await mkdtemp(join(tmpdir(), 'wasmstate-bench-postgres-'));
  const account = await unprivileged();
  if (account !== undefined) await chown(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const settings = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--no-sync'];
  await runProgram(join(programs, 'initdb'), [`--pgdata=${data}`, ...settings], account);

  const [port] = await freePorts(1);
  const server = new ServedProcess(
    'postgres',
    join(scratch, 'logs', 'postgres.log'),
    join(programs, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder],
    account,
  );
  const ready = join(programs, 'pg_isready');
  await server.until(async () => {
    await runProgram(ready, ['-h', '127.0.0.1', '-p', String(port)]);
    return true;
  });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    builtIn: { type: 'state.postgresql', version: 'v2', metadata: { connectionString: url } },
    own: { 'kv.engine': 'postgres', 'kv.url': url },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Debian keeps the server's programs outside the path. */
async function programsFolder(): Promise<string> {
  let newest = '';
  for await (const found of glob('/usr/lib/postgresql/*/bin/initdb')) newest = found;
  return newest === '' ? '' : dirname(newest);
}

/** PostgreSQL refuses to be root; undefined where nobody here is. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const number = async (flag: string): Promise<number> =>
    Number(await runProgram('id', [flag, 'postgres']));
  return { uid: await number('-u'), gid: await number('-g') };
}

import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { ServerProcess, temporaryFolder } from './server-process.ts';

export interface PostgresServer {
  /** Of the database `postgres`, with user and password. */
  readonly url: string;
  readonly port: number;
  readonly process: ServerProcess;
  readonly close: () => Promise<void>;
}

/** Debian keeps the server's programs off the PATH, one folder a version. */
const VERSIONS = '/usr/lib/postgresql';

/** The folder of the newest PostgreSQL's programs; undefined: there is none. */
export function postgresFolder(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const newest = readdirSync(VERSIONS)
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')));
  return newest;
}

/**
 * Starts a PostgreSQL server on a free port with a database `postgres` of the user `postgres`,
 * who needs the password. What it acknowledged survives `process.kill()`, if not a power cut.
 */
export async function startPostgres(password: string): Promise<PostgresServer> {
  const bin = postgresFolder();
  if (bin === undefined) throw new Error(`no PostgreSQL in ${VERSIONS}`);
  const folder = temporaryFolder('postgres');
  const data = join(folder.path, 'data');
  const user = ordinaryUser();
  const options = { cwd: folder.path, ...user };
  try {
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, password);
    if (user !== undefined)
      for (const path of [folder.path, passwordFile]) chownSync(path, user.uid, user.gid);
    execFileSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', passwordFile, '--no-sync'],
      { ...options, stdio: 'pipe' },
    );
  } catch (error) {
    folder.remove();
    throw error;
  }
  const port = await freePort();
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    fsync: 'off',
  };
  const server = new ServerProcess({
    command: join(bin, 'postgres'),
    args: [
      '-D',
      data,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options,
    isReady: () => isReady(url),
  });
  // A killed server's file names a process that may be another one by now.
  const start = server.start.bind(server);
  server.start = async () => {
    rmSync(join(data, 'postmaster.pid'), { force: true });
    await start();
  };
  const close = async (): Promise<void> => {
    await server.kill();
    folder.remove();
  };
  try {
    await server.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url, port, process: server, close };
}

/** Whom to run as, since PostgreSQL refuses to run as root; undefined: as we are. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('there is no user `postgres`');
  return { uid: Number(uid), gid: Number(gid) };
}

async function isReady(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  // A server that starts up may say so and hang up.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

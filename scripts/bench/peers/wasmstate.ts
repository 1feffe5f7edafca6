import { join } from 'node:path';
import { connect } from 'node:net';
import { once } from 'node:events';
import { ServedProcess } from '../served-process.ts';

const root = join(import.meta.dirname, '../../..');

/** A wasmstate on a folder of plugins; ready when each of `expected` has its socket. */
export async function startWasmstate(
  scratch: string,
  { plugins, sockets, expected }: { plugins: string; sockets: string; expected: readonly string[] },
): Promise<ServedProcess> {
  const served = new ServedProcess(
    'wasmstate',
    join(scratch, 'logs', 'wasmstate.log'),
    process.execPath,
    [join(root, 'dist/cli/main.js'), 'serve', '--plugins', plugins, '--sockets', sockets],
    { env: { WASMSTATE_DATA: join(scratch, 'data') } },
  );
  try {
    await served.until(async () => {
      for (const plugin of expected) await connects(join(sockets, `${plugin}.sock`));
      return true;
    });
  } catch (error) {
    await served[Symbol.asyncDispose]();
    throw error;
  }
  return served;
}

async function connects(socket: string): Promise<void> {
  const connection = connect(socket);
  try {
    await once(connection, 'connect');
  } finally {
    connection.destroy();
  }
}

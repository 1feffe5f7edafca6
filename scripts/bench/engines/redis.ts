import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { runProgram } from '../run-program.ts';
import { ServedProcess } from '../served-process.ts';
import type { RunningEngine } from './engine.ts';

/** One Redis without persistence, as redis-server starts with `--save ''`, for both sides. */
export async function startRedis(scratch: string): Promise<RunningEngine> {
  const [port] = await freePorts(1);
  const server = new ServedProcess('redis', join(scratch, 'logs', 'redis.log'), 'redis-server', [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    scratch,
  ]);
  await server.until(
    async () => (await runProgram('redis-cli', ['-p', String(port), 'ping'])).trim() === 'PONG',
  );
  return {
    builtIn: {
      type: 'state.redis',
      version: 'v1',
      metadata: { redisHost: `127.0.0.1:${port}`, redisPassword: '' },
    },
    own: { 'kv.engine': 'redis', 'kv.url': `redis://127.0.0.1:${port}` },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

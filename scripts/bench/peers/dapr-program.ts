import { join } from 'node:path';
import { runProgram } from '../run-program.ts';

const root = join(import.meta.dirname, '../../..');

/** Builds a program of the Go test module where it is stale, and gives its path. */
export async function daprProgram(name: 'daprd' | 'gosdk'): Promise<string> {
  await runProgram(join(root, 'scripts/dapr-binaries.sh'), [name]);
  return join(root, 'test/dapr/build', name);
}

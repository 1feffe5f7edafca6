import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  readonly cwd?: string;
  /** Gets each line of standard output instead of the terminal. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end and gives its exit code; 127 where it is not installed. */
export function run(
  program: string,
  parameters: readonly string[],
  { cwd, onLine }: RunOptions = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd,
      stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit'],
    });
    if (onLine !== undefined && child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', onLine);
    }
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

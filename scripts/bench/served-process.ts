import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that the benchmark started and ends. What it prints goes to a log file. */
export class ServedProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #log: string;
  readonly #abandon = (): boolean => this.#child.kill('SIGKILL');
  #broken: Error | undefined;

  constructor(
    name: string,
    log: string,
    program: string,
    args: readonly string[],
    options: { env?: Record<string, string>; uid?: number; gid?: number } = {},
  ) {
    mkdirSync(dirname(log), { recursive: true });
    const output = openSync(log, 'a');
    this.#name = name;
    this.#log = log;
    this.#child = spawn(program, args, {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    // Should the benchmark itself break off, nothing that it started stays behind.
    process.on('exit', this.#abandon);
    this.#child.on('exit', () => process.off('exit', this.#abandon));
    this.#child.on('error', (error) => (this.#broken = error));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} could not be started`);
    return this.#child.pid;
  }

  /** Asks until `ready` holds. Throws, with the log's end, when the process ends before or after 60 s. */
  async until(ready: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await ready().catch(() => false))) {
      if (this.#broken !== undefined || this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${this.#name} is not ready: ${this.#tail()}`, { cause: this.#broken });
      await delay(50);
    }
  }

  #tail(): string {
    return readFileSync(this.#log, 'utf8').slice(-2000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const ended = once(this.#child, 'exit');
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    this.#child.kill('SIGTERM');
    await ended;
    clearTimeout(killer);
  }
}

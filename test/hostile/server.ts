import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** The command as it is published; compiled, as 60 threads that strip types take a minute. */
export const MAIN = join(import.meta.dirname, '../../dist/cli/main.js');

/** ms */
const START_LIMIT = 50_000;

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly plugin?: string;
  readonly error?: string;
}

/** `wasmstate serve` in a process of its own, on folders of its own. */
export class Server implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'wasmstate-hostile-'));
  readonly log: LogLine[] = [];
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  /** Before `start`: adds a plugin of these module bytes and this plugin.yaml. */
  add(name: string, module: Uint8Array, manifest: string): void {
    const folder = join(this.folder, 'plugins', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.wasm`), module);
    writeFileSync(join(folder, 'plugin.yaml'), `module: ${name}.wasm\n${manifest}`);
  }

  /** Ready when every plugin that can be is served. */
  async start(): Promise<void> {
    const options = ['--plugins', 'plugins', '--sockets', 'sockets', '--data', 'data'].map(
      (part) => (part.startsWith('--') ? part : join(this.folder, part)),
    );
    const child = spawn(process.execPath, [MAIN, 'serve', ...options, '--log-format', 'json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#ended = once(child, 'exit');
    createInterface(child.stderr).on('line', (line) => this.log.push(readLine(line)));
    const ready = once(child.stdout, 'data');
    child.stdout.resume();
    const failed = (why: string): never => {
      throw new Error(`${why}: ${JSON.stringify(this.log.slice(-10))}`);
    };
    const giveUp = new AbortController();
    await Promise.race([
      ready,
      this.#ended.then(() => failed('the server ended')),
      delay(START_LIMIT, undefined, giveUp).then(() => failed('the server is not ready')),
    ]).finally(() => giveUp.abort());
  }

  socket(plugin: string): string {
    return join(this.folder, 'sockets', `${plugin}.sock`);
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null;
  }

  /** Resident memory in MiB, of all threads; NaN where the system does not tell. */
  get residentMemory(): number {
    if (process.platform !== 'linux') return Number.NaN;
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) / 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) {
      this.#child?.kill('SIGTERM');
      const killer = setTimeout(() => this.#child?.kill('SIGKILL'), 15_000);
      await this.#ended;
      clearTimeout(killer);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function readLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 'unreadable', msg: line };
  }
}

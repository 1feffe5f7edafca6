import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a server may take to start, in ms. */
const START_TIMEOUT = 15_000;

export interface ServerPlan {
  readonly command: string;
  readonly args: readonly string[];
  readonly options?: SpawnOptions;
  /** Resolves to true when the server answers. */
  readonly isReady: () => Promise<boolean>;
}

/**
 * A real server as a child process. It can be stopped, killed and started again, paused and
 * continued. `close` ends it and is to be called whatever happened.
 */
export class ServerProcess {
  readonly #plan: ServerPlan;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(plan: ServerPlan) {
    this.#plan = plan;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const { command, args, options, isReady } = this.#plan;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.#child = child;
    let failure: Error | undefined;
    child.on('error', (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => (this.#output = (this.#output + String(text)).slice(-4000)));
    }
    const deadline = performance.now() + START_TIMEOUT;
    while (!(await isReady())) {
      if (failure !== undefined) throw failure;
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`${command} did not start:\n${this.#output}`);
      }
      await pause(20);
    }
  }

  /** Ends it at once and waits until it is gone. Its data stay. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    signalTree(child, signal);
    signalTree(child, 'SIGCONT');
    await gone;
  }

  /** Stops it in mid-air: connections stay, nothing answers any more. */
  async pause(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    signalTree(child, 'SIGSTOP');
    while (!tree(child).every(isStopped)) await pause(1);
  }

  continue(): void {
    if (this.#child !== undefined) signalTree(this.#child, 'SIGCONT');
  }
}

/** Signals a process and its children: PostgreSQL serves each connection with one of its own. */
function signalTree(child: ChildProcess, signal: NodeJS.Signals): void {
  for (const pid of tree(child)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** A process that runs and its children. */
function tree({ pid }: ChildProcess): number[] {
  if (pid === undefined) return [];
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && stateOf(name)?.parent === pid,
  );
  return [pid, ...children.map(Number)];
}

/** Whether every thread of it stands still, or it has ended. */
function isStopped(pid: number): boolean {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return true;
  }
  return threads.every((thread) => {
    const state = stateOf(`${pid}/task/${thread}`)?.state;
    return state === undefined || state === 'T' || state === 'Z';
  });
}

/** From proc(5); undefined: there is no such process. */
function stateOf(path: string): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${path}/stat`, 'latin1');
    // The name of the program, in brackets, may hold anything.
    const [state = '', parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** A new folder for a server's data. */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `wasmstate-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

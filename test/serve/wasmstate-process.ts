import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';
import type { ServeFolders } from './serve-folders.ts';

const ENTRY = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Where Node keeps what it has compiled, as every thread of every process loads the same. */
const COMPILED = resolve(import.meta.dirname, '../../node_modules/.cache/wasmstate-tests');

/** The last words of what `serve` prints when it is ready. */
const READY = 'Stop with Ctrl-C or SIGTERM';

/** They only bound a hang: a busy machine takes seconds to start. */
const START_LIMIT = 60_000;
const STOP_LIMIT = 30_000;

/** One log line with Dapr's field names, and further fields such as `plugin` and `error`. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly scope: string;
  readonly [field: string]: unknown;
}

/** Fields by name, and what they are or match. */
export type LinePattern = Readonly<Record<string, string | number | RegExp>>;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartOptions {
  /** Further flags of `serve`, which win over those that it is always started with. */
  readonly args?: readonly string[];
  /** `default`: the sockets folder is left for the environment to say. */
  readonly sockets?: 'default';
  readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** `wasmstate serve` as a process of its own, with what it prints and logs. */
export class WasmstateProcess implements AsyncDisposable {
  readonly folders: ServeFolders;
  readonly #child: ChildProcess;
  readonly #changed = new EventEmitter();
  readonly #log: LogLine[] = [];
  readonly #ended: Promise<Ending>;
  #stdout = '';
  #stderr = '';
  #ending: Ending | undefined;

  private constructor(folders: ServeFolders, { args = [], env = {}, sockets }: StartOptions) {
    this.folders = folders;
    this.#changed.setMaxListeners(0);
    this.#child = spawn(
      process.execPath,
      [
        ENTRY,
        'serve',
        `--plugins=${folders.plugins}`,
        ...(sockets === 'default' ? [] : [`--sockets=${folders.sockets}`]),
        `--data=${folders.data}`,
        '--log-format=json',
        '--log-level=debug',
        ...args,
      ],
      {
        env: { ...inherited(), NODE_COMPILE_CACHE: COMPILED, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    running.add(this.#child);
    this.#ended = once(this.#child, 'close').then((values) => {
      const [code, signal] = values as [number | null, NodeJS.Signals | null];
      running.delete(this.#child);
      this.#ending = { code, signal };
      this.#changed.emit('change');
      return this.#ending;
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#changed.emit('change');
    });
    if (this.#child.stderr === null) throw new Error('no standard error to read');
    createInterface(this.#child.stderr).on('line', (line) => {
      if (line.startsWith('{')) this.#log.push(JSON.parse(line) as LogLine);
      this.#stderr += `${line}\n`;
      this.#changed.emit('change');
    });
  }

  /** Starts the process and returns when it says that it is ready. */
  static async start(folders: ServeFolders, options: StartOptions = {}): Promise<WasmstateProcess> {
    const started = WasmstateProcess.launch(folders, options);
    await started.until(
      () => started.stdout.includes(READY),
      'the text that says it is ready',
      START_LIMIT,
    );
    return started;
  }

  /** Starts the process and returns at once; it may never become ready. */
  static launch(folders: ServeFolders, options: StartOptions = {}): WasmstateProcess {
    return new WasmstateProcess(folders, options);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process could not be started');
    return this.#child.pid;
  }

  socket(plugin: string): string {
    return this.folders.socket(plugin);
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** Log lines as they were written, and what else went to standard error. */
  get stderr(): string {
    return this.#stderr;
  }

  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** Undefined while the process runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** Log lines so far whose fields are, or match, those of the pattern. */
  logLines(pattern: LinePattern): readonly LogLine[] {
    const wanted = Object.entries(pattern);
    return this.#log.filter((line) =>
      wanted.every(([name, value]) =>
        value instanceof RegExp ? value.test(String(line[name])) : line[name] === value,
      ),
    );
  }

  /** The first such line, now or later. */
  async logged(pattern: LinePattern): Promise<LogLine> {
    await this.until(
      () => this.logLines(pattern).length > 0,
      `a log line with ${inspect(pattern)}`,
    );
    const [found] = this.logLines(pattern);
    assert.ok(found);
    return found;
  }

  /** Returns once `holds` does; asks whenever the process has printed, logged or ended. */
  async until(holds: () => boolean, what: string, limit = START_LIMIT): Promise<void> {
    const late = AbortSignal.timeout(limit);
    while (!holds()) {
      if (this.#ending !== undefined) {
        throw new Error(
          `ended with ${JSON.stringify(this.#ending)} without ${what}:\n${this.#stderr}`,
        );
      }
      await once(this.#changed, 'change', { signal: late }).catch(() => {
        throw new Error(`within ${limit} ms there was not ${what}:\n${this.#stderr}`);
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the end of a process that ends by itself or was told to. */
  async ended(limit = STOP_LIMIT): Promise<Ending> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#child.kill('SIGKILL');
        reject(new Error(`the process had not ended after ${limit} ms:\n${this.#stderr}`));
      }, limit);
    });
    try {
      return await Promise.race([this.#ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it by SIGTERM, and holds that it ended well and left no socket and no staging file. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    assert.deepEqual(await this.ended(), { code: 0, signal: null }, this.#stderr);
    assert.deepEqual(await this.folders.socketFiles(), []);
  }

  /** Ends it by SIGKILL. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending === undefined) await this.kill();
  }
}

/** The environment without what would set up wasmstate or daprd. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DAPR|WASMSTATE|XDG)_/.test(name)),
  );
}

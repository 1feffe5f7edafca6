import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { copyPlugin } from '../bench/plugin-folder.ts';
import { startWasmstate } from '../bench/peers/wasmstate.ts';
import type { ServedProcess } from '../bench/served-process.ts';

const GUEST = join(import.meta.dirname, '../../test/guests/go-dapr/build/go-dapr.wasm');

/** The stores under load, and the guests that do what no guest should. */
export const STORES = ['memory', 'durable'] as const;
export const HOSTILE = ['hostile', 'uninterrupted'] as const;

/** A reload that takes longer than this has failed. */
const RELOAD_MS = 30_000;

/** The server of a soak, whose process is killed and started again in the same folders. */
export class SoakedServer implements AsyncDisposable {
  readonly #scratch: string;
  #served: ServedProcess | undefined;
  #processes = 0;
  #edition = 0;

  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  /** Makes the plugins and starts the process. */
  async start(): Promise<void> {
    await mkdir(join(this.#scratch, 'sockets'));
    for (const store of STORES) await copyPlugin(store, this.#plugins, store, { reload: true });
    for (const [name, interrupt] of [
      ['hostile', true],
      ['uninterrupted', false],
    ] as const) {
      const folder = join(this.#plugins, name);
      await mkdir(folder, { recursive: true });
      await cp(GUEST, join(folder, 'guest.wasm'));
      const manifest = {
        module: 'guest.wasm',
        state: 'guest',
        interrupt,
        limits: { call: '300ms', memory: '128MiB' },
      };
      await writeFile(join(folder, 'plugin.yaml'), stringify(manifest));
    }
    await this.#launch();
  }

  socket(plugin: string): string {
    return join(this.#scratch, 'sockets', `${plugin}.sock`);
  }

  /** Undefined between the end of a process and the start of the next. */
  get pid(): number | undefined {
    return this.#served?.pid;
  }

  /** How many processes have served. */
  get processes(): number {
    return this.#processes;
  }

  /** Ends the process by SIGKILL and starts the next. */
  async kill(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    if (served !== undefined) {
      process.kill(served.pid, 'SIGKILL');
      await served[Symbol.asyncDispose]();
    }
    await this.#launch();
  }

  /** Changes the manifest of one store after another; returns when its successor serves. */
  async reload(): Promise<void> {
    this.#edition += 1;
    const store = STORES[this.#edition % STORES.length] ?? 'memory';
    const before = await this.#reloads();
    const env = { EDITION: String(this.#edition) };
    await copyPlugin(store, this.#plugins, store, { reload: true, env });
    const deadline = performance.now() + RELOAD_MS;
    while ((await this.#reloads()) === before) {
      if (performance.now() > deadline) throw new Error(`plugin ${store} was not reloaded`);
      await delay(50);
    }
  }

  async #reloads(): Promise<number> {
    const log = await readFile(join(this.#scratch, 'logs', 'wasmstate.log'), 'utf8');
    return log.split('plugin was reloaded').length;
  }

  get #plugins(): string {
    return join(this.#scratch, 'plugins');
  }

  async #launch(): Promise<void> {
    this.#served = await startWasmstate(this.#scratch, {
      plugins: this.#plugins,
      sockets: join(this.#scratch, 'sockets'),
      expected: [...STORES, ...HOSTILE],
    });
    this.#processes += 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.[Symbol.asyncDispose]();
  }
}

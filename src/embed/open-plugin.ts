import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Component } from '../component/component.ts';
import { loadPlugin } from '../component/load-plugin.ts';
import { createPluginHost, type PluginHost } from '../component/plugin-host.ts';
import { defaultManifest, readManifest } from '../config/manifest.ts';
import { defaultDataFolder } from '../config/settings.ts';
import { WasmstateError } from '../error.ts';
import { InitRequest } from '../gen/dapr/proto/components/v1/state.ts';
import { Meter } from '../guest/meter.ts';
import { createKeyspaces } from '../kv/keyspaces.ts';
import { createLogger, type LogSink } from '../observe/log.ts';
import { readModule } from '../config/read-module.ts';
import { watchOwnCalls } from '../thread/watch-own-calls.ts';
import { StateStore } from './state-store.ts';

export interface OpenPluginOptions {
  /** Where engines keep state on this machine; default as for `wasmstate serve`. */
  readonly dataFolder?: string;
  /** Gets log lines, guests' output among them; default: nobody. */
  readonly log?: LogSink;
}

/** A plugin in this process, without sockets and without Dapr. */
export class Plugin {
  readonly #host: PluginHost;
  readonly #stores = new Set<Component>();
  readonly #stopWatching: () => Promise<void>;

  constructor(host: PluginHost, stopWatching: () => Promise<void>) {
    this.#host = host;
    this.#stopWatching = stopWatching;
  }

  /**
   * Initialises one component with its properties, as daprd would from a component's
   * metadata. Fails with what the guest or its engine said.
   */
  async open(name: string, properties: Readonly<Record<string, string>> = {}): Promise<StateStore> {
    const request = InitRequest.encode({ metadata: { properties: { ...properties } } }).finish();
    const component = await Component.open(this.#host, name, request);
    this.#stores.add(component);
    return new StateStore(component, name, () => this.#stores.delete(component));
  }

  /** Lets calls in flight end, and lets go of every store and engine. */
  async close(): Promise<void> {
    await Promise.all([...this.#stores].map((component) => component.close()));
    this.#stores.clear();
    await this.#host.keyspaces.close();
    await this.#stopWatching();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Opens a plugin's folder (with plugin.yaml) or bare `.wasm` file. Throws CONFIG_INVALID or
 * MODULE_REFUSED.
 *
 * Guests run in the calling thread. A call past `limits.call` is stopped from another thread;
 * only code that cannot be stopped in place (`interrupt: false`) can hold up the application.
 */
export async function openPlugin(path: string, options: OpenPluginOptions = {}): Promise<Plugin> {
  const name = basename(path, '.wasm');
  const manifest = (await isFolder(path))
    ? await readManifest(name, path)
    : defaultManifest(name, path);
  const meter = new Meter();
  const logger = createLogger(options.log ?? (() => {}), 'wasmstate.plugin', { plugin: name });
  const stopWatching = await watchOwnCalls(meter.words);
  try {
    const { module } = await loadPlugin(manifest, await readModule(manifest), logger, meter);
    const dataFolder = options.dataFolder ?? defaultDataFolder(process.env);
    const keyspaces = createKeyspaces({ dataFolder });
    const host = createPluginHost({ manifest, module, keyspaces, logger, meter });
    return new Plugin(host, stopWatching);
  } catch (error) {
    await stopWatching();
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const text = `${path} cannot be read; name a plugin's folder or a .wasm file`;
    throw new WasmstateError('CONFIG_INVALID', text, { cause });
  }
}

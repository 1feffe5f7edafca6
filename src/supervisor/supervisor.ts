import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Manifest } from '../config/manifest.ts';
import type { Settings } from '../config/settings.ts';
import { WasmstateError } from '../error.ts';
import { createLogger, errorText, type Logger, type LogSink } from '../observe/log.ts';
import { ControlSocket, type InitsByPlugin } from './control-socket.ts';
import { findPlugins, type FoundPlugin } from './find-plugins.ts';
import { LoadedModules } from './loaded-modules.ts';
import { Predecessor } from './predecessor.ts';
import { SocketFolder } from './publish-socket.ts';
import { RememberedInits } from './remembered-inits.ts';
import { ServedPlugin } from './served-plugin.ts';
import { WarmSpare } from './warm-spare.ts';
import { watchFolder } from './watch-folder.ts';

/** A plugin that is being served, for whoever tells the user. */
export interface ServedSocket {
  readonly plugin: string;
  readonly path: string;
}

export interface SupervisorEvents {
  /** Another process serves the sockets now; stop this one. */
  retired: [];
}

/**
 * Finds plugins, gives each a thread, and watches. It owns no data path: whatever a guest
 * does, the supervisor stays free to replace it.
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #settings: Settings;
  readonly #log: LogSink;
  readonly #logger: Logger;
  readonly #sockets: SocketFolder;
  readonly #spare: WarmSpare;
  readonly #modules = new LoadedModules();
  readonly #plugins = new Map<string, ServedPlugin>();
  /** Of plugins that could not be served or reloaded: why, as it was logged. */
  readonly #problems = new Map<string, string>();
  #inherited: InitsByPlugin = new Map();
  #control: ControlSocket | undefined;
  #stopWatching: (() => void) | undefined;
  #scanning: Promise<void> = Promise.resolve();
  #stopped = false;
  #succeeded = false;

  constructor(settings: Settings, log: LogSink) {
    super();
    this.#settings = settings;
    this.#log = log;
    this.#logger = createLogger(log, 'wasmstate.supervisor');
    this.#spare = new WarmSpare(log);
    this.#sockets = new SocketFolder({
      folder: settings.sockets,
      mode: settings.socketMode,
      group: settings.socketGroup,
    });
  }

  /**
   * Serves every plugin of the folder. One that cannot start is logged and left out; the
   * others are served. Throws where the folders themselves cannot be used, or another process
   * serves them.
   */
  async start(): Promise<readonly ServedSocket[]> {
    const starting = this.#start();
    // A reload that is asked for meanwhile comes after.
    this.#scanning = starting.catch(() => {});
    try {
      await starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this.served();
  }

  async #start(): Promise<void> {
    const { plugins, sockets, takeover } = this.#settings;
    await this.#sockets.prepare();
    const predecessor = await Predecessor.find(this.#sockets.staging);
    if (predecessor !== undefined && !takeover) {
      throw new WasmstateError(
        'SOCKET_UNAVAILABLE',
        `another wasmstate serves ${sockets}; stop it, succeed it with --takeover, or choose another folder with --sockets`,
      );
    }
    this.#inherited = predecessor?.inits ?? new Map();
    this.#stopWatching = watchFolder(plugins, () => void this.reload(), this.#logger);
    await this.#serveAll(await findPlugins(plugins));
    await predecessor?.retire(async (name, init) => {
      await this.#plugins.get(name)?.adopt([init]);
    });
    if (predecessor !== undefined) this.#logger.info('this process has taken over from another');
    this.#control = await ControlSocket.open(this.#sockets.staging, {
      inits: () => new Map([...this.#plugins].map(([name, plugin]) => [name, plugin.inits])),
      retire: () => this.#retire(),
    });
  }

  served(): readonly ServedSocket[] {
    return [...this.#plugins].flatMap(([plugin, { socketPath }]) =>
      socketPath === undefined ? [] : [{ plugin, path: socketPath }],
    );
  }

  /**
   * Makes what is served what lies in the plugins folder: new plugins get a socket, removed
   * ones drain and go, changed ones get a successor. One that cannot start leaves in place
   * what was served before.
   */
  reload(): Promise<void> {
    this.#scanning = this.#scanning.then(() =>
      this.#stopped
        ? undefined
        : this.#scan().catch((error: unknown) => {
            this.#logger.error('the plugins folder cannot be looked at; what is served goes on', {
              error: errorText(error),
            });
          }),
    );
    return this.#scanning;
  }

  /** Takes the sockets away and lets every plugin finish the calls that it took. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopWatching?.();
    await this.#scanning;
    await this.#control?.close();
    await Promise.all([...this.#plugins.values()].map((plugin) => plugin.stop()));
    await this.#spare.close();
    if (!this.#succeeded) await this.#sockets.close();
  }

  async #scan(): Promise<void> {
    const found = await findPlugins(this.#settings.plugins);
    const names = new Set(found.map((plugin) => plugin.name));
    const removed = [...this.#plugins.keys()].filter((name) => !names.has(name));
    await Promise.all(removed.map((name) => this.#remove(name)));
    await fewAtATime(found, (plugin) => this.#follow(plugin));
  }

  /**
   * Prepares every plugin before the first is published, so that a process which is to be
   * succeeded can go on where one of its plugins cannot be served here.
   */
  async #serveAll(found: readonly FoundPlugin[]): Promise<void> {
    const prepared = new Map<string, ServedPlugin>();
    const missed: string[] = [];
    await fewAtATime(found, async (plugin) => {
      const { name } = plugin;
      try {
        if ('error' in plugin) throw plugin.error;
        prepared.set(name, await this.#prepare(plugin.manifest));
      } catch (error) {
        this.#report(name, error);
        if (await this.#sockets.isLive(name)) missed.push(name);
      }
    });
    if (this.#settings.takeover && missed.length > 0) {
      await Promise.all([...prepared.values()].map((plugin) => plugin.stop()));
      throw new WasmstateError(
        'UNAVAILABLE',
        `nothing was taken over, as the process before serves what cannot be served here: ${missed.join(', ')}; the log says why`,
      );
    }
    await Promise.all([...prepared].map(([name, plugin]) => this.#publish(name, plugin)));
  }

  /** Starts or updates one plugin; a reason that it cannot is logged once, not at every look. */
  async #follow(found: FoundPlugin): Promise<void> {
    const { name } = found;
    try {
      if ('error' in found) throw found.error;
      const plugin = this.#plugins.get(name);
      if (plugin === undefined) {
        await this.#publish(name, await this.#prepare(found.manifest));
      } else if (await plugin.update(found.manifest)) {
        this.#logger.info('plugin was reloaded', { plugin: name });
      }
      this.#problems.delete(name);
    } catch (error) {
      this.#report(name, error);
    }
  }

  #report(name: string, error: unknown): void {
    const text = errorText(error);
    if (this.#problems.get(name) === text) return;
    this.#problems.set(name, text);
    this.#logger.error(
      this.#plugins.has(name)
        ? 'plugin was not reloaded; what was served goes on'
        : 'plugin is not served',
      { plugin: name, error: text },
    );
  }

  async #remove(name: string): Promise<void> {
    const plugin = this.#plugins.get(name);
    this.#plugins.delete(name);
    this.#problems.delete(name);
    await plugin?.stop();
    this.#logger.info('plugin was removed and is no longer served', { plugin: name });
  }

  async #prepare(manifest: Manifest): Promise<ServedPlugin> {
    const { name } = manifest;
    const { takeover, data, drain } = this.#settings;
    if (!takeover && (await this.#sockets.isLive(name))) {
      throw new WasmstateError(
        'SOCKET_UNAVAILABLE',
        `${this.#sockets.path(name)} is served by another process; stop it, or take over with --takeover`,
      );
    }
    const logger = createLogger(this.#log, 'wasmstate.supervisor', { plugin: name });
    const inits = await RememberedInits.open(this.#initsFile(name), logger);
    const inherited = this.#inherited.get(name) ?? [];
    await inits.adopt(inherited);
    const plugin = new ServedPlugin({
      sockets: this.#sockets,
      spare: this.#spare,
      modules: this.#modules,
      inits,
      dataFolder: data,
      drain,
      remembered: async (init) => this.#control?.forward(name, init),
      logger,
    });
    try {
      await plugin.prepare(manifest, inherited.length > 0);
    } catch (error) {
      await plugin.stop();
      throw error;
    }
    return plugin;
  }

  async #publish(name: string, plugin: ServedPlugin): Promise<void> {
    await plugin.publish();
    this.#plugins.set(name, plugin);
    this.#logger.info('plugin is served', { plugin: name, socket: this.#sockets.path(name) });
  }

  #retire(): void {
    this.#succeeded = true;
    this.#logger.info('another process has taken over; this one ends');
    this.emit('retired');
  }

  /** A file for each sockets folder, so that processes which share a data folder keep apart. */
  #initsFile(plugin: string): string | undefined {
    if (!this.#settings.rememberInits) return undefined;
    const folder = createHash('sha256').update(resolve(this.#settings.sockets)).digest('hex');
    return join(this.#settings.data, 'inits', folder.slice(0, 16), `${plugin}.json`);
  }
}

/** Threads that start all at once keep each other from ever being ready. */
async function fewAtATime<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (const item of rest) await work(item);
  });
  await Promise.all(workers);
}

import type { KvSettings } from '../config/kv-settings.ts';
import type { Keyspace } from './contract.ts';
import { Engines } from './engines.ts';
import { keyspaceName } from './keyspace-name.ts';
import { Shared } from './shared.ts';

/** The keyspaces of one plugin thread. */
export interface Keyspaces {
  /**
   * Opens the keyspace of a component, or the one that its settings share. Opened again, it is
   * the same keyspace, and stays open until each use of it is closed. Fails with CONFIG_INVALID
   * where the settings or credentials are wrong, and with UNAVAILABLE where the engine cannot be
   * reached now, in some seconds.
   */
  open(settings: KvSettings, name: { plugin: string; component: string }): Promise<Keyspace>;
  /** Closes every keyspace and connection; what is in memory engines is lost. */
  close(): Promise<void>;
}

/** Owns the engines of one plugin thread. `dataFolder` is where embedded engines keep files. */
export function createKeyspaces(options: { dataFolder: string }): Keyspaces {
  const engines = new Engines(options.dataFolder);
  const keyspaces = new Shared<Keyspace>();
  return {
    async open(settings, { plugin, component }) {
      const { share, ...engine } = settings;
      const name = keyspaceName(share === undefined ? { plugin, component } : { share });
      const { value, release } = await keyspaces.acquire(
        JSON.stringify([name, engine]),
        () => engines.open(settings, name),
        // Memory is not given up when its last user closes: the next Init finds it again.
        settings.engine === 'memory',
      );
      return {
        limits: value.limits,
        caution: value.caution,
        get: (keys, call) => value.get(keys, call),
        commit: (request, call) => value.commit(request, call),
        scan: (range, call) => value.scan(range, call),
        close: release,
      };
    },
    async close() {
      await keyspaces.close();
      await engines.close();
    },
  };
}

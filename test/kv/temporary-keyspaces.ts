import type { KvSettings } from '../../src/config/kv-settings.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { temporaryFolder } from '../servers/server-process.ts';
import { Client } from './client.ts';

export const SQLITE = {
  engine: 'sqlite',
  path: 'kv',
  synchronous: 'full',
} as const satisfies KvSettings;

/** Keyspaces on a folder of their own, for the tests of the suite that registers it. */
export class TemporaryKeyspaces {
  #folder: { path: string; remove: () => void } | undefined;
  #keyspaces: Keyspaces | undefined;

  constructor() {
    beforeEach(() => {
      this.#folder = temporaryFolder('kv');
      this.#keyspaces = createKeyspaces({ dataFolder: this.#folder.path });
    });
    afterEach(async () => {
      await this.#keyspaces?.close();
      this.#folder?.remove();
    });
  }

  get folder(): string {
    if (this.#folder === undefined) throw new Error('no test runs');
    return this.#folder.path;
  }

  /** Where the component `name` of the plugin `p` has its keys with the settings SQLITE. */
  file(name: string): string {
    return `${this.folder}/kv/p/${name}.sqlite`;
  }

  async open(component: string, settings: KvSettings = SQLITE): Promise<Client> {
    if (this.#keyspaces === undefined) throw new Error('no test runs');
    return new Client(await this.#keyspaces.open(settings, { plugin: 'p', component }));
  }
}

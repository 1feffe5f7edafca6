import { setTimeout as pause } from 'node:timers/promises';
import type { KvSettings } from '../../../src/config/kv-settings.ts';
import { createKeyspaces, type Keyspaces } from '../../../src/kv/keyspaces.ts';
import { Client } from '../client.ts';

/** One engine under the contract. */
export interface Subject {
  /** Of the server or folder that `before` made ready. */
  readonly settings: () => KvSettings;
  readonly dataFolder: () => string;
  /** Whether two hosts that open one name have one keyspace: not so in memory. */
  readonly outlivesHost: boolean;
}

/** Gives each test an empty keyspace, and further ones. */
export class Bench {
  readonly subject: Subject;
  #keyspaces: Keyspaces | undefined;
  #kv: Client | undefined;
  #count = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    before(() => {
      this.#keyspaces = createKeyspaces({ dataFolder: subject.dataFolder() });
    });
    beforeEach(async () => {
      this.#kv = await this.open(`c${(this.#count += 1)}`);
    });
    after(() => this.#keyspaces?.close());
  }

  /** The keyspace of the test that runs. */
  get kv(): Client {
    if (this.#kv === undefined) throw new Error('no test runs');
    return this.#kv;
  }

  async open(component: string, more: Partial<KvSettings> = {}): Promise<Client> {
    if (this.#keyspaces === undefined) throw new Error('no test runs');
    const settings = { ...this.subject.settings(), ...more } as KvSettings;
    return new Client(await this.#keyspaces.open(settings, { plugin: 'contract', component }));
  }
}

/** Waits until the clock has passed a Unix time in ms. */
export async function untilPast(time: bigint): Promise<void> {
  while (Date.now() <= Number(time)) await pause(1);
}

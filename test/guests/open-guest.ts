import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlugin, type LogEntry, type Plugin } from '../../src/index.ts';
import { copyGuest } from './copy-guest.ts';
import { needGuest } from './built.ts';

/** A guest that is open for the tests of one `describe`, with what it logged so far. */
export class OpenGuest {
  readonly logged: LogEntry[] = [];
  #plugin: Plugin | undefined;
  #folder = '';

  /**
   * Opens the guest before the tests around it and closes it after them; they are skipped where
   * its toolchain is missing. `manifest` replaces parts of its plugin.yaml.
   */
  static forTests(name: string, manifest: Readonly<Record<string, unknown>> = {}): OpenGuest {
    const guest = new OpenGuest();
    before(async function () {
      this.timeout(60_000);
      needGuest(this, name);
      guest.#folder = await mkdtemp(join(tmpdir(), 'wasmstate-guests-'));
      guest.#plugin = await openPlugin(await copyGuest(name, guest.#folder, manifest), {
        dataFolder: join(guest.#folder, 'data'),
        log: (entry) => guest.logged.push(entry),
      });
    });
    after(async () => {
      await guest.#plugin?.close();
      if (guest.#folder !== '') await rm(guest.#folder, { recursive: true });
    });
    return guest;
  }

  get plugin(): Plugin {
    if (this.#plugin === undefined) throw new Error('the guest is open inside tests only');
    return this.#plugin;
  }
}

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreClient } from './store-client.ts';

export const NEIGHBOUR_MODULE = join(import.meta.dirname, '../../plugins/memory/build/memory.wasm');

/** A plugin that does nothing wrong, called without a pause while others do. */
export class Neighbour implements AsyncDisposable {
  readonly #client: StoreClient;
  readonly #done: Promise<void>;
  #stopped = false;
  /** Calls that were answered as they should be. */
  answered = 0;
  /** What the others came to. */
  readonly failures: string[] = [];

  constructor(socket: string) {
    this.#client = new StoreClient(socket, 'neighbour');
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    await this.#client.init();
    for (let round = 0; !this.#stopped; round++) {
      const set = await this.#client.set('key', `value ${round}`);
      const get = await this.#client.get('key');
      if (get.data === `value ${round}`) this.answered += 1;
      else this.failures.push(`Set ${set.code} ${set.message}, Get ${get.code} ${get.message}`);
      await delay(2);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#done;
    this.#client[Symbol.dispose]();
  }
}

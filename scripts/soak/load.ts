import { GetRequest, SetRequest } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { VALUE } from '../bench/state-messages.ts';
import type { StoreClient } from './store-client.ts';

/** Calls in flight to each store. */
const LINES = 8;
/** Keys are reused, so that a store's size settles and only leaks grow. */
const KEYS = 2000;

/** Gets and Sets, in turn, that go on until they are stopped. */
export class Load {
  readonly #stores: ReadonlyMap<string, StoreClient>;
  readonly #lines: readonly Promise<void>[];
  readonly #excused: (began: number) => boolean;
  /** By store and status, of calls that failed while nothing was done to their server. */
  readonly failures = new Map<string, number>();
  #answered = 0;
  #excusedFailures = 0;
  #stopped = false;

  /** @param excused whether a call that began then (ms) may fail as the process was killed */
  constructor(stores: ReadonlyMap<string, StoreClient>, excused: (began: number) => boolean) {
    this.#stores = stores;
    this.#excused = excused;
    this.#lines = [...stores].flatMap(([name, store]) =>
      Array.from({ length: LINES }, (_, line) => this.#run(name, store, line)),
    );
  }

  get answered(): number {
    return this.#answered;
  }

  /** Calls that failed because the process had been killed. */
  get excusedFailures(): number {
    return this.#excusedFailures;
  }

  async reached(calls: number): Promise<void> {
    while (this.#answered < calls) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Waits until every store has answered once more. */
  async recovered(): Promise<void> {
    for (const store of this.#stores.values()) {
      while ((await store.call('Get', get('key-0'))) !== 'OK') {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lines);
  }

  async #run(name: string, store: StoreClient, line: number): Promise<void> {
    for (let turn = line; !this.#stopped; turn += LINES) {
      const key = `key-${turn % KEYS}`;
      const began = performance.now();
      const outcome = await (turn % 4 === 0
        ? store.call('Set', set(key))
        : store.call('Get', get(key)));
      if (outcome === 'OK') {
        this.#answered += 1;
        continue;
      }
      if (outcome === 'UNAVAILABLE' && this.#excused(began)) this.#excusedFailures += 1;
      else {
        const what = `${name}: ${outcome}`;
        this.failures.set(what, (this.failures.get(what) ?? 0) + 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

export function get(key: string): Uint8Array {
  return GetRequest.encode({ key, metadata: {}, consistency: 0 }).finish();
}

function set(key: string): Uint8Array {
  return SetRequest.encode({
    key,
    value: VALUE,
    etag: undefined,
    metadata: {},
    options: undefined,
    contentType: '',
  }).finish();
}

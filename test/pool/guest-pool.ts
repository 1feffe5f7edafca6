import { sharedHost } from '../../src/component/plugin-host.ts';
import { defaultManifest } from '../../src/config/manifest.ts';
import type { WasmstateError } from '../../src/error.ts';
import type { GuestCall } from '../../src/guest/guest-call.ts';
import { Instance, type MaybePromise } from '../../src/guest/instance.ts';
import type { InstanceHost } from '../../src/guest/link.ts';
import { loadModule } from '../../src/guest/load.ts';
import { Meter } from '../../src/guest/meter.ts';
import { createLogger } from '../../src/observe/log.ts';
import { Pool, type PoolOptions } from '../../src/pool/pool.ts';
import {
  SLEEP,
  SLEEP_IMPORT,
  answer,
  bytes as data,
  sleepFields,
  watGuest,
} from '../serve/wat-guest.ts';

const EMPTY = new Uint8Array();

/** Longer than any test; guests that sleep so long are woken by ending their call. */
const ASLEEP = 600_000;

const bytes = watGuest({
  imports: SLEEP_IMPORT,
  fields: `${sleepFields(ASLEEP)} (global $size (mut i32) (i32.const 0))
    (data (i32.const 256) ${data('\x0a\x00'.repeat(100))})`,
  exports: {
    // As many empty fields, of two bytes each, as the instance has had such calls.
    get: `(global.set $size (i32.add (global.get $size) (i32.const 2)))
      (i64.or (i64.const 0x0000010000000000) (i64.extend_i32_u (global.get $size)))`,
    set: `${SLEEP} ${answer(0, 0)}`,
    delete: '(unreachable)',
    bulk_get: `(drop (memory.grow (i32.const 10))) ${answer(0, 0)}`,
  },
});

const manifest = defaultManifest('guest', 'guest.wasm');
const module = loadModule(bytes, {
  name: 'guest',
  digest: '',
  dialect: 'dapr',
  kvGranted: false,
  memoryLimit: manifest.limits.memory,
  interrupt: false,
});

/** A call without an end of its own. */
export function endless(signal?: AbortSignal): GuestCall {
  return { deadline: Infinity, limit: ASLEEP, signal };
}

/** A pool of real instances, and what it made of them. */
export class GuestPool implements AsyncDisposable {
  readonly pool: Pool;
  readonly failures: WasmstateError[] = [];
  /** Instances that were made. */
  made = 0;
  /** Set: instances cannot be made, and this is why. */
  broken: Error | undefined;
  readonly meter = new Meter();
  readonly #sleepers = new AbortController();
  readonly #host: InstanceHost = {
    ...sharedHost(
      manifest,
      createLogger(() => {}, 'test'),
      this.meter,
    ),
    keyspace: undefined,
  };

  constructor(options: Partial<PoolOptions> = {}) {
    this.pool = new Pool({
      name: 'the pool',
      max: 4,
      queue: 100,
      maxCalls: 0,
      maxMemory: 0,
      idle: 60_000,
      create: () => this.create(),
      onFailure: (failure) => this.failures.push(failure),
      ...options,
    });
  }

  create(): MaybePromise<Instance> {
    if (this.broken !== undefined) throw this.broken;
    this.made += 1;
    return Instance.start(module, this.#host, endless());
  }

  /** How many calls of this kind the instance has had that took this one. */
  async count(): Promise<number> {
    return (await this.pool.call('Get', EMPTY, endless())).length / 2;
  }

  /** A call that sleeps until it is ended. */
  async sleep(signal: AbortSignal = this.#sleepers.signal): Promise<void> {
    await this.pool.call('Set', EMPTY, endless(signal));
  }

  async trap(): Promise<void> {
    await this.pool.call('Delete', EMPTY, endless());
  }

  async grow(): Promise<void> {
    await this.pool.call('BulkGet', EMPTY, endless());
  }

  /** Ends all calls that sleep; their instances are of no more use. */
  wake(): void {
    this.#sleepers.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wake();
    await this.pool.close();
  }
}

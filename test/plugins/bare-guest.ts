import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Keyspace } from '../../src/kv/contract.ts';
import { dispatchKv, type KvMethod } from '../../src/kv/dispatch.ts';
import { pluginModule } from './stores.ts';

type Rpc = (pointer: number, size: number) => bigint;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly malloc: (size: number) => number;
  readonly free: (pointer: number) => void;
  readonly _initialize: () => void;
}

/**
 * A store without a pool around it: for its linear memory, with a clock to turn, and for what it
 * asks of a keyspace that answers at once.
 */
export class BareGuest {
  /** Milliseconds since 1970. */
  now = 1_700_000_000_000;
  readonly #exports: Exports & Record<string, unknown>;

  constructor(name: 'memory' | 'durable', keyspace?: Keyspace) {
    const clock = (_clock: number, _precision: bigint, result: number): number => {
      const view = new DataView(this.#exports.memory.buffer);
      view.setBigUint64(result >>> 0, BigInt(this.now) * 1_000_000n, true);
      return 0;
    };
    const kv = (method: KvMethod) => (pointer: number, size: number) => {
      assert.ok(keyspace !== undefined);
      const request = this.bytes(pointer >>> 0, size);
      const reply = dispatchKv(keyspace, method, request, { deadline: Infinity });
      assert.ok(!(reply instanceof Promise), 'the keyspace answers at once');
      const to = reply.length === 0 ? 0 : this.malloc(reply.length);
      this.bytes(to, reply.length).set(reply);
      return (BigInt(to) << 32n) | BigInt(reply.length);
    };
    const instance = new WebAssembly.Instance(
      new WebAssembly.Module(readFileSync(pluginModule(name))),
      {
        wasi_snapshot_preview1: { clock_time_get: clock },
        kv: { get: kv('get'), commit: kv('commit'), scan: kv('scan'), limits: kv('limits') },
      },
    );
    this.#exports = instance.exports as unknown as Exports & Record<string, unknown>;
    const { _initialize: initialise } = this.#exports;
    initialise();
  }

  /** Bytes of linear memory. */
  get memorySize(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** 0 where there is no memory. */
  malloc(size: number): number {
    return this.#exports.malloc(size) >>> 0;
  }

  free(pointer: number): void {
    this.#exports.free(pointer);
  }

  bytes(pointer: number, size: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, pointer, size);
  }

  /** The response, or the error's text as `error`. */
  call(name: string, request: Uint8Array): { readonly response: Buffer; readonly error: string } {
    const pointer = request.length === 0 ? 0 : this.malloc(request.length);
    this.bytes(pointer, request.length).set(request);
    const exported = this.#exports[name] as Rpc;
    const packed = exported(pointer, request.length);
    if (pointer !== 0) this.free(pointer);
    const size = Number(packed & 0x7fff_ffffn);
    const result = Buffer.from(this.bytes(Number((packed >> 32n) & 0xffff_ffffn), size));
    const isError = (packed & 0x8000_0000n) !== 0n;
    return {
      response: isError ? Buffer.alloc(0) : result,
      error: isError ? result.toString('utf8') : '',
    };
  }
}

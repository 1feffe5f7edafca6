import { WasmstateError } from '../error.ts';
import type { KvCall, Keyspace } from '../kv/contract.ts';
import { dispatchKv, type KvMethod } from '../kv/dispatch.ts';
import type { MemoryView } from './memory-view.ts';

/** The functions that a guest may import from module `kv`, all `(ptr i32, size i32) -> i64`. */
export const KV_METHODS: readonly KvMethod[] = ['get', 'commit', 'scan', 'limits'];

export interface KvHost {
  readonly keyspace: Keyspace;
  readonly memory: () => MemoryView;
  /** Of the guest, which owns what it returns. */
  readonly malloc: (size: number) => number;
  /** Runs a host function that may suspend the guest. */
  readonly suspend: (run: (call: KvCall) => Reply | Promise<Reply>) => Reply | Promise<Reply>;
}

type Reply = Uint8Array;

/** Of a result: a pointer and a size. */
const parts = new DataView(new ArrayBuffer(8));

/**
 * Host functions for one instance. The reply is copied into memory that the guest's own
 * malloc gives; the guest frees it.
 */
export function kvImports(
  host: KvHost,
): Record<string, (pointer: number, size: number) => bigint | Promise<bigint>> {
  const write = (reply: Reply): bigint => {
    if (reply.length === 0) return 0n;
    const pointer = host.malloc(reply.length);
    host.memory().bytes.set(reply, pointer);
    parts.setUint32(0, pointer);
    parts.setUint32(4, reply.length);
    return parts.getBigInt64(0);
  };
  return Object.fromEntries(
    KV_METHODS.map((method) => [
      method,
      (pointer: number, size: number): bigint | Promise<bigint> => {
        const memory = host.memory();
        if (!memory.contains(pointer >>> 0, size >>> 0)) {
          throw new WasmstateError(
            'GUEST_FAILED',
            `kv.${method} was called with ${size >>> 0} bytes at ${pointer >>> 0}, outside the guest's memory`,
          );
        }
        const request = memory.bytes.subarray(pointer >>> 0, (pointer >>> 0) + (size >>> 0));
        const reply = host.suspend((call) => dispatchKv(host.keyspace, method, request, call));
        return reply instanceof Promise ? reply.then(write) : write(reply);
      },
    ]),
  );
}

import type { KvCall, Keyspace, MaybePromise } from './contract.ts';
import { getDistinct } from './get-distinct.ts';
import { KvError } from './kv-error.ts';
import { readCommit, readGet, readScan } from './read-request.ts';
import { writeCommit, writeError, writeGet, writeLimits, writeScan } from './write-reply.ts';

export type KvMethod = 'get' | 'commit' | 'scan' | 'limits';

/**
 * Serves one import of module `kv`: a request of kv.proto in, the bytes of its response out.
 * `request` is read before this returns, never after. The response is the caller's. Never
 * throws or rejects for what a guest sends or an engine answers: that is the reply's error.
 */
export function dispatchKv(
  keyspace: Keyspace,
  method: KvMethod,
  request: Uint8Array,
  call: KvCall,
): Uint8Array | Promise<Uint8Array> {
  if (method === 'limits') return writeLimits(keyspace.limits);
  try {
    requireTime(call);
    switch (method) {
      case 'get': {
        const keys = readGet(request, keyspace.limits);
        return reply(method, getDistinct(keyspace, keys, call), writeGet);
      }
      case 'commit': {
        const commit = readCommit(request, keyspace.limits);
        return reply(method, keyspace.commit(commit, call), writeCommit);
      }
      case 'scan': {
        const range = readScan(request);
        if (range === undefined) return writeScan({ entries: [] });
        return reply(method, keyspace.scan(range, call), writeScan);
      }
    }
  } catch (error) {
    return writeError(method, error);
  }
}

/** Writes at once where it can, as a promise would cost the guest a suspension. */
function reply<T>(
  method: Exclude<KvMethod, 'limits'>,
  answer: MaybePromise<T>,
  write: (answer: T) => Uint8Array,
): MaybePromise<Uint8Array> {
  if (!(answer instanceof Promise)) return write(answer);
  return answer.then(
    (value) => {
      try {
        return write(value);
      } catch (error) {
        return writeError(method, error);
      }
    },
    (error: unknown) => writeError(method, error),
  );
}

function requireTime({ deadline, signal }: KvCall): void {
  if (signal?.aborted === true) {
    throw new KvError('DEADLINE_EXCEEDED', 'the caller has gone away; nothing was done');
  }
  if (deadline <= performance.now()) {
    throw new KvError('DEADLINE_EXCEEDED', "the call's deadline had passed; nothing was done");
  }
}

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
  const fail = (error: unknown): Uint8Array => writeError(method, error);
  try {
    requireTime(call);
    const reply = serve(keyspace, method, request, call);
    return reply instanceof Promise ? reply.catch(fail) : reply;
  } catch (error) {
    return fail(error);
  }
}

function serve(
  keyspace: Keyspace,
  method: Exclude<KvMethod, 'limits'>,
  request: Uint8Array,
  call: KvCall,
): MaybePromise<Uint8Array> {
  switch (method) {
    case 'get':
      return then(getDistinct(keyspace, readGet(request, keyspace.limits), call), writeGet);
    case 'commit':
      return then(keyspace.commit(readCommit(request, keyspace.limits), call), writeCommit);
    case 'scan': {
      const range = readScan(request);
      return range === undefined
        ? writeScan({ entries: [] })
        : then(keyspace.scan(range, call), writeScan);
    }
  }
}

/** Applies `next` at once where it can, as a promise would cost the guest a suspension. */
function then<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function requireTime({ deadline, signal }: KvCall): void {
  if (signal?.aborted === true) {
    throw new KvError('DEADLINE_EXCEEDED', 'the caller has gone away; nothing was done');
  }
  if (deadline <= performance.now()) {
    throw new KvError('DEADLINE_EXCEEDED', "the call's deadline had passed; nothing was done");
  }
}

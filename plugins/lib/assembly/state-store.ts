// What a store exports: Dapr's StateStore, TransactionalStateStore and
// TransactionalStoreMultiMaxSize. A plugin's entry file exports all of this.
import { beginCall, endCall, malformed, response } from './call';
import {
  decodeBulk,
  decodeBulkGet,
  decodeDelete,
  decodeGet,
  decodeSet,
  decodeTransact,
} from './dapr/requests';
import { encodeBulkItem, encodeFeature, encodeGet, encodeMultiMaxSize } from './dapr/responses';
import { failure } from './failure';
import { release, tryAllocate } from './memory/allocator';
import { lacksMemory } from './memory/lack';
import { backend } from './serve';
import { Keys } from './store/keys';
import { Operations } from './store/operation';
import { readAll } from './store/reads';
import { writeBulk, writeWhole } from './store/writes';

const operations = new Operations();
const keys = new Keys();

/** For the host: memory for a request or a host function's reply, 0 where there is none. */
export function malloc(size: i32): usize {
  return tryAllocate(<usize>size);
}

export function free(at: usize): void {
  release(at);
}

export function state_store_api_version(): u64 {
  return 1;
}

export function transactional_state_store_api_version(): u64 {
  return 1;
}

export function transactional_store_multi_max_size_api_version(): u64 {
  return 1;
}

/** A store needs no settings: what the request holds is for the host. */
export function state_store_init(at: usize, size: u32): u64 {
  beginCall();
  return finish();
}

export function state_store_ping(at: usize, size: u32): u64 {
  beginCall();
  return finish();
}

export function state_store_features(at: usize, size: u32): u64 {
  beginCall();
  encodeFeature('ETAG', response);
  encodeFeature('TRANSACTIONAL', response);
  encodeFeature('TTL', response);
  encodeFeature('QUERY_API', response);
  return finish();
}

export function state_store_get(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeGet(at, size, keys)) return refuse('GetRequest');
  if (mayGoOn() && readAll(backend, keys)) encodeGet(backend.entry(0), response);
  return finish();
}

export function state_store_bulk_get(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeBulkGet(at, size, keys)) return refuse('BulkGetRequest');
  if (mayGoOn() && readAll(backend, keys)) {
    for (let i = 0; i < keys.count; i++) encodeBulkItem(keys.at(i), backend.entry(i), response);
  }
  return finish();
}

export function state_store_set(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeSet(at, size, operations)) return refuse('SetRequest');
  if (mayGoOn()) writeWhole(backend, operations);
  return finish();
}

export function state_store_delete(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeDelete(at, size, operations)) return refuse('DeleteRequest');
  if (mayGoOn()) writeWhole(backend, operations);
  return finish();
}

export function state_store_bulk_set(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeBulk(at, size, false, operations)) return refuse('BulkSetRequest');
  if (mayGoOn()) writeBulk(backend, operations);
  return finish();
}

export function state_store_bulk_delete(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeBulk(at, size, true, operations)) return refuse('BulkDeleteRequest');
  if (mayGoOn()) writeBulk(backend, operations);
  return finish();
}

export function transactional_state_store_transact(at: usize, size: u32): u64 {
  beginCall();
  if (!decodeTransact(at, size, operations)) return refuse('TransactionalStateRequest');
  if (mayGoOn()) writeWhole(backend, operations);
  return finish();
}

export function transactional_store_multi_max_size_multi_max_size(at: usize, size: u32): u64 {
  beginCall();
  encodeMultiMaxSize(backend.maxOperations(), response);
  return finish();
}

/** Whether the request was read to its end. */
function mayGoOn(): bool {
  return !failure.raised && !lacksMemory();
}

function refuse(message: string): u64 {
  malformed(message);
  return finish();
}

/** Lets go of what the request was read to, before the host asks for memory for the next one. */
function finish(): u64 {
  operations.reset();
  keys.reset();
  backend.release();
  return endCall();
}

// Dapr's QueriableStateStore. A plugin's entry file exports all of this.
import { beginCall, endCall, malformed, response } from './call';
import { decodeQuery } from './dapr/query-request';
import { failure } from './failure';
import { noteGarbage } from './garbage';
import { canAllocate } from './memory/allocator';
import { noteLack } from './memory/lack';
import { runQuery } from './query/run';
import { backend } from './serve';

/** Bytes of objects that a byte of the request may become; one step of a path takes most. */
const OBJECTS_PER_BYTE: u64 = 200;

export function queriable_state_store_api_version(): u64 {
  return 1;
}

/** The request's metadata (a content type, an index's name) has no meaning here. */
export function queriable_state_store_query(at: usize, size: u32): u64 {
  beginCall();
  noteGarbage();
  if (!canAllocate(<usize>min<u64>(<u64>size * OBJECTS_PER_BYTE + 0x4000, usize.MAX_VALUE))) {
    noteLack();
    return endCall();
  }
  const query = decodeQuery(at, size);
  if (query === null && !failure.raised) malformed('QueryRequest');
  if (query !== null) runQuery(query, backend, response);
  return endCall();
}

// Dapr's request messages, as far as the store needs them. Numbers and types are those of
// dapr/proto/components/v1/state.proto; a tag is a field's number * 8 + its wire type. Reading ends
// early, with `failure` raised or a lack noted, where the rest cannot matter any more.
import { failure, invalidArgument } from '../failure';
import { lacksMemory } from '../memory/lack';
import { Slice } from '../slice';
import { Keys } from '../store/keys';
import { Operation, Operations } from '../store/operation';
import { Reader } from '../wire/reader';

const reader = new Reader();
const entryKey = new Slice();
const entryValue = new Slice();

/** GetRequest. @returns false where the bytes are not the message. */
export function decodeGet(at: usize, size: u32, keys: Keys): bool {
  reader.open(at, size);
  getFields(keys);
  return !reader.failed;
}

/** BulkGetRequest. */
export function decodeBulkGet(at: usize, size: u32, keys: Keys): bool {
  reader.open(at, size);
  while (mayGoOn() && reader.next()) {
    if (reader.tag === 0x0a) {
      const end = reader.enter();
      requireKey(getFields(keys));
      reader.leave(end);
    } else {
      reader.skip();
    }
  }
  return !reader.failed;
}

/** SetRequest. */
export function decodeSet(at: usize, size: u32, operations: Operations): bool {
  reader.open(at, size);
  setFields(operations.add());
  return !reader.failed;
}

/** DeleteRequest. */
export function decodeDelete(at: usize, size: u32, operations: Operations): bool {
  reader.open(at, size);
  deleteFields(operations.add());
  return !reader.failed;
}

/** BulkSetRequest, or where `remove` is true BulkDeleteRequest. */
export function decodeBulk(at: usize, size: u32, remove: bool, operations: Operations): bool {
  reader.open(at, size);
  while (mayGoOn() && reader.next()) {
    if (reader.tag === 0x0a) {
      const end = reader.enter();
      const operation = operations.add();
      if (remove) deleteFields(operation);
      else setFields(operation);
      requireKey(operation.key);
      reader.leave(end);
    } else {
      reader.skip();
    }
  }
  return !reader.failed;
}

/**
 * TransactionalStateRequest. Its metadata (partitionKey) has no meaning here: a store is one
 * partition.
 */
export function decodeTransact(at: usize, size: u32, operations: Operations): bool {
  reader.open(at, size);
  while (mayGoOn() && reader.next()) {
    if (reader.tag === 0x0a) {
      const end = reader.enter();
      oneOperation(operations.add());
      reader.leave(end);
    } else {
      reader.skip();
    }
  }
  return !reader.failed;
}

/** TransactionalStateOperation: of several, the last counts. */
function oneOperation(operation: Operation): void {
  let given = false;
  while (reader.next()) {
    const remove = reader.tag === 0x0a;
    if (!remove && reader.tag !== 0x12) {
      reader.skip();
      continue;
    }
    const end = reader.enter();
    given = true;
    operation.clear();
    if (remove) deleteFields(operation);
    else setFields(operation);
    reader.leave(end);
  }
  if (!given) invalidArgument('an operation of the transaction is neither a set nor a delete');
}

function getFields(keys: Keys): Slice {
  const key = keys.add();
  while (reader.next()) {
    if (reader.tag === 0x0a) reader.bytes(key);
    else reader.skip();
  }
  return key;
}

/** A list of a million empty items is two megabytes here and would be much more once read. */
function requireKey(key: Slice): void {
  if (key.size === 0 && !reader.failed && !lacksMemory()) invalidArgument('a key is empty');
}

function mayGoOn(): bool {
  return !failure.raised && !lacksMemory();
}

function setFields(operation: Operation): void {
  operation.remove = false;
  while (reader.next()) {
    switch (reader.tag) {
      case 0x0a: {
        reader.bytes(operation.key);
        break;
      }
      case 0x12: {
        reader.bytes(operation.value);
        break;
      }
      case 0x1a: {
        etagFields(operation);
        break;
      }
      case 0x22: {
        metadataEntry(operation);
        break;
      }
      case 0x2a: {
        optionsFields(operation);
        break;
      }
      case 0x32: {
        reader.bytes(operation.contentType);
        break;
      }
      default:
        reader.skip();
    }
  }
}

function deleteFields(operation: Operation): void {
  operation.remove = true;
  while (reader.next()) {
    switch (reader.tag) {
      case 0x0a: {
        reader.bytes(operation.key);
        break;
      }
      case 0x12: {
        etagFields(operation);
        break;
      }
      case 0x22: {
        optionsFields(operation);
        break;
      }
      default:
        reader.skip();
    }
  }
}

function etagFields(operation: Operation): void {
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x0a) reader.bytes(operation.etag);
    else reader.skip();
  }
  reader.leave(end);
}

function optionsFields(operation: Operation): void {
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x08) operation.firstWrite = reader.varint() === 1;
    else reader.skip();
  }
  reader.leave(end);
}

function metadataEntry(operation: Operation): void {
  entryKey.clear();
  entryValue.clear();
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x0a) reader.bytes(entryKey);
    else if (reader.tag === 0x12) reader.bytes(entryValue);
    else reader.skip();
  }
  reader.leave(end);
  if (entryKey.isText('ttlInSeconds')) operation.ttlText.set(entryValue.at, entryValue.size);
}

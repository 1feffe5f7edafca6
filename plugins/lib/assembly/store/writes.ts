import { etagInvalid, etagMismatch, failure, invalidArgument } from '../failure';
import { isUtf8 } from '../utf8';
import { Backend } from './backend';
import { isEntityTag, versionOf } from './etag';
import { KeyIndex } from './key-index';
import { Check, Operation, Operations } from './operation';
import { BAD_TTL, parseTtl } from './ttl';

const seen = new KeyIndex();

/** Does all operations or none. @returns false where it failed, with nothing written. */
export function writeWhole(backend: Backend, operations: Operations): bool {
  return validate(operations) && commit(backend, operations, 0, operations.count);
}

/**
 * Does operations in order, in as few commits as the backend allows: one, unless they are over its
 * limits. A commit that fails ends the call; the message says what was written before it.
 */
export function writeBulk(backend: Backend, operations: Operations): bool {
  if (!validate(operations)) return false;
  let from = 0;
  while (from < operations.count) {
    const to = endOfCommit(backend, operations, from);
    if (to < 0) return false;
    if (!commit(backend, operations, from, to)) {
      if (from > 0) failure.text('; the first ').number(from).text(' items were written');
      return false;
    }
    from = to;
  }
  return true;
}

/** How far a commit from `from` on may reach, or -1 where the limits cannot be told. */
function endOfCommit(backend: Backend, operations: Operations, from: i32): i32 {
  const count = operations.count;
  if (count - from === 1) return count;
  const maxOperations = backend.maxOperations();
  if (failure.raised) return -1;
  const maxBytes = backend.maxBytes();
  let to = from + 1;
  let bytes = backend.bytesOf(operations, from);
  while (to < count) {
    if (maxOperations !== 0 && <u64>(to - from) >= maxOperations) break;
    bytes += backend.bytesOf(operations, to);
    if (maxBytes !== 0 && bytes > maxBytes) break;
    to += 1;
  }
  return to;
}

function commit(backend: Backend, operations: Operations, from: i32, to: i32): bool {
  const possible = addChecks(operations, from, to);
  seen.close();
  if (!possible) return false;
  const failed = backend.commit(operations, from, to);
  if (failed >= 0) mismatch(operations.at(failed));
  return failed === -1;
}

/** What can be told without the store: keys, etags and times to live. */
function validate(operations: Operations): bool {
  for (let i = 0; i < operations.count; i++) {
    const operation = operations.at(i);
    const key = operation.key;
    if (key.size === 0) {
      invalidArgument('a key is empty');
      return false;
    }
    if (!isUtf8(key.at, key.size)) {
      invalidArgument('a key is not UTF-8 text');
      return false;
    }
    if (!isEntityTag(operation.etag)) {
      etagInvalid('the etag for key')
        .key(key)
        .text(' is not one that this store gives: send it as a read returned it, without quotes');
      return false;
    }
    if (operation.remove) continue;
    if (!isUtf8(operation.contentType.at, operation.contentType.size)) {
      invalidArgument('the content type of key').key(key).text(' is not UTF-8 text');
      return false;
    }
    operation.ttl = parseTtl(operation.ttlText);
    if (operation.ttl === BAD_TTL) {
      invalidArgument('ttlInSeconds of key')
        .key(key)
        .text(' must be a whole number of seconds, or -1 for a key that never expires');
      return false;
    }
  }
  return true;
}

/**
 * The first operation on a key is checked against the store. A later one meets what the earlier
 * ones made of the key: a version that nobody has read yet, or nothing.
 */
function addChecks(operations: Operations, from: i32, to: i32): bool {
  const single = to - from === 1;
  if (!single && !seen.open(to - from)) return false;
  for (let i = from; i < to; i++) {
    const operation = operations.at(i);
    const earlier = single ? -1 : seen.put(operations, i);
    operation.check = Check.None;
    if (operation.etag.size > 0) {
      operation.version = versionOf(operation.etag);
      if (operation.version === 0 || earlier >= 0) {
        mismatch(operation);
        return false;
      }
      operation.check = Check.Version;
    } else if (operation.firstWrite && !operation.remove) {
      if (earlier < 0) {
        operation.check = Check.Absent;
      } else if (!operations.at(earlier).remove) {
        mismatch(operation);
        return false;
      }
    }
  }
  return true;
}

function mismatch(operation: Operation): void {
  if (operation.etag.size > 0) {
    etagMismatch('key').key(operation.key).text(' does not have etag ').utf8(operation.etag);
  } else {
    etagMismatch('key').key(operation.key).text(' exists, and first-write without an etag creates');
  }
}

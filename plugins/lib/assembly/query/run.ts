import { ByteBuffer } from '../byte-buffer';
import { encodeQueryItem, encodeQueryToken } from '../dapr/responses';
import { failure, invalidArgument } from '../failure';
import { lacksMemory } from '../memory/lack';
import { Slice } from '../slice';
import { Backend } from '../store/backend';
import { Entry } from '../store/entry';
import { Writer } from '../wire/writer';
import { Document } from './document';
import { Position, readToken, writeToken } from './position';
import { Query } from './query';
import { Rows } from './rows';

/** Answers a query with QueryResponse in `to`, or raises `failure`. */
export function runQuery(query: Query, backend: Backend, to: Writer): void {
  let after: Position | null = null;
  if (query.token.size > 0) {
    after = readToken(query.token, query.hash, query.sort.length);
    if (after === null) {
      invalidArgument('page.token is not one that this query gave');
      return;
    }
  }
  const document = new Document(query.paths);
  if (query.sort.length === 0) runInKeyOrder(query, backend, document, after, to);
  else runSorted(query, backend, document, after, to);
  backend.release();
  document.release();
}

/** Without a sort the order is that of the keys: the scan begins and ends where the page does. */
function runInKeyOrder(
  query: Query,
  backend: Backend,
  document: Document,
  after: Position | null,
  to: Writer,
): void {
  const start = new ByteBuffer();
  const from = new Slice();
  if (after !== null) {
    // The next key that there can be: this one and a zero byte.
    start.bytes(after.key.at, after.key.size);
    start.byte(0);
    from.set(start.start, start.size);
  }
  const limit = query.limit;
  const last = new Position(0);
  const lastKey = new ByteBuffer();
  let count: u32 = 0;
  backend.scan(from, query.filter === null && limit !== 0 ? limit + 1 : 0);
  for (let entry = backend.next(); entry !== null; entry = nextUnlessLacking(backend)) {
    if (!isMatch(query, document, entry)) continue;
    if (limit !== 0 && count === limit) {
      last.key.set(lastKey.start, lastKey.size);
      appendToken(last, query, to);
      break;
    }
    encodeQueryItem(entry.key, entry.data, entry.version, entry.contentType, to);
    count += 1;
    if (count === limit) lastKey.bytes(entry.key.at, entry.key.size);
  }
  lastKey.release();
  start.release();
}

/** With a sort every entry is looked at, and the best of those after the token are kept. */
function runSorted(
  query: Query,
  backend: Backend,
  document: Document,
  after: Position | null,
  to: Writer,
): void {
  const limit = query.limit;
  // One more than a page holds tells whether another page follows.
  const rows = new Rows(query.sort, limit === 0 ? 0 : limit + 1);
  const position = new Position(query.sort.length);
  backend.scan(new Slice(), 0);
  for (let entry = backend.next(); entry !== null; entry = nextUnlessLacking(backend)) {
    if (!isMatch(query, document, entry)) continue;
    if (query.filter === null) document.read(entry.data.at, entry.data.size);
    for (let i = 0; i < query.sort.length; i++) {
      const value = document.at(unchecked(query.sort[i]).slot);
      unchecked(position.values[i]).set(value.kind, value.at, value.size);
    }
    position.key.set(entry.key.at, entry.key.size);
    if (after !== null && position.compare(after, query.sort) <= 0) continue;
    rows.offer(entry, position);
  }
  if (!failure.raised && !lacksMemory()) {
    const ordered = rows.ordered();
    const more = limit !== 0 && <u32>ordered.length > limit;
    const count = more ? <i32>limit : ordered.length;
    for (let i = 0; i < count; i++) {
      const row = ordered[i];
      encodeQueryItem(row.position.key, row.data, row.version, row.contentType, to);
    }
    if (more) appendToken(ordered[count - 1].position, query, to);
  }
  rows.release();
}

/** Nothing that follows can be answered once memory is lacking. */
function nextUnlessLacking(backend: Backend): Entry | null {
  return lacksMemory() ? null : backend.next();
}

function isMatch(query: Query, document: Document, entry: Entry): bool {
  const filter = query.filter;
  if (filter === null) return true;
  return document.read(entry.data.at, entry.data.size) && filter.matches(document);
}

function appendToken(position: Position, query: Query, to: Writer): void {
  const token = new ByteBuffer();
  writeToken(position, query.hash, token);
  encodeQueryToken(token, to);
  token.release();
}

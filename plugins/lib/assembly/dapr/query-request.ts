// QueryRequest, as daprd sends it: one entry in the filter's map, with its operand as JSON in the
// value of an Any; see requests.ts for where the numbers come from.
import { invalidArgument } from '../failure';
import { FilterParser } from '../query/parse-filter';
import { BAD_PATH } from '../query/paths';
import { Query, SortKey } from '../query/query';
import { Slice, hashBytes } from '../slice';
import { Reader } from '../wire/reader';

const reader = new Reader();

/**
 * @returns the query, or null where `failure` says what is wrong with it, and where the bytes are
 * not the message.
 */
export function decodeQuery(at: usize, size: u32): Query | null {
  const query = new Query();
  reader.open(at, size);
  let good = true;
  while (good && reader.next()) {
    if (reader.tag === 0x0a) {
      const end = reader.enter();
      good = queryFields(query);
      reader.leave(end);
    } else {
      reader.skip();
    }
  }
  return good && !reader.failed ? query : null;
}

function queryFields(query: Query): bool {
  while (reader.next()) {
    let good = true;
    if (reader.tag === 0x0a) good = filterEntry(query);
    else if (reader.tag === 0x12) good = sortingFields(query);
    else if (reader.tag === 0x1a) good = paginationFields(query);
    else reader.skip();
    if (!good) return false;
  }
  return true;
}

function filterEntry(query: Query): bool {
  const operator = new Slice();
  const operand = new Slice();
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x0a) {
      reader.bytes(operator);
    } else if (reader.tag === 0x12) {
      const inner = reader.enter();
      while (reader.next()) {
        if (reader.tag === 0x12) reader.bytes(operand);
        else reader.skip();
      }
      reader.leave(inner);
    } else {
      reader.skip();
    }
  }
  reader.leave(end);
  if (reader.failed) return true;
  if (query.filter !== null) {
    invalidArgument('filter must have one operator only; AND and OR combine conditions');
    return false;
  }
  query.hash = hashBytes(operator.at, operator.size, hashBytes(operand.at, operand.size));
  const parser = new FilterParser(query.paths);
  query.filter = parser.parse(operator, operand);
  parser.release();
  return query.filter !== null;
}

function sortingFields(query: Query): bool {
  const path = new Slice();
  let order: u64 = 0;
  const end = reader.enter();
  while (reader.next()) {
    if (reader.tag === 0x0a) reader.bytes(path);
    else if (reader.tag === 0x10) order = reader.varint();
    else reader.skip();
  }
  reader.leave(end);
  if (reader.failed) return true;
  const place = query.sort.length;
  const key = new SortKey();
  key.slot = query.paths.slotFor(path);
  key.descending = order === 1;
  query.sort.push(key);
  query.hash = hashBytes(path.at, path.size, query.hash) * 31 + order;
  if (key.slot < 0) {
    invalidArgument('sort[').number(place).text('].key ').text(BAD_PATH);
    return false;
  }
  if (order > 1) {
    invalidArgument('sort[').number(place).text('].order must be ASC or DESC');
    return false;
  }
  return true;
}

function paginationFields(query: Query): bool {
  const end = reader.enter();
  let limit: u64 = query.limit;
  while (reader.next()) {
    if (reader.tag === 0x08) limit = reader.varint();
    else if (reader.tag === 0x12) reader.bytes(query.token);
    else reader.skip();
  }
  reader.leave(end);
  if (<i64>limit < 0) {
    invalidArgument('page.limit must not be negative');
    return false;
  }
  query.limit = <u32>min<u64>(limit, 0x7fffffff);
  return true;
}

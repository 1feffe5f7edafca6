import { Slice } from '../slice';
import { Filter } from './filter';
import { Paths } from './paths';

/** One key to sort by. */
@final
export class SortKey {
  slot: i32 = -1;
  descending: bool = false;
}

/** A query that has been read and checked. */
@final
export class Query {
  paths: Paths = new Paths();
  /** Null: every entry matches, JSON or not. */
  filter: Filter | null = null;
  sort: Array<SortKey> = new Array<SortKey>();
  /** Items in a page; 0: all. */
  limit: u32 = 0;
  /** As it came: the position after which to go on. */
  token: Slice = new Slice();
  /** Tells this query's tokens from those of others: made from filter and sort. */
  hash: u64 = 0;
}

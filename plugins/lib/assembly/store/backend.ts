import { Slice } from '../slice';
import { Entry } from './entry';
import { Keys } from './keys';
import { Operations } from './operation';

/** Where a store keeps its entries. What fails raises `failure` and answers as said below. */
export abstract class Backend {
  /**
   * Looks keys up; `entry` then shows each of them.
   * @returns false where it failed.
   */
  abstract get(keys: Keys): bool;

  /** The answer for one key of the last `get`. */
  abstract entry(index: i32): Entry;

  /**
   * Does operations `from` to `to` (exclusive), all or none. Checks are made against the state
   * before the first of them; then they take effect in order.
   * @returns -1 where they happened, otherwise the operation whose check did not hold, or -2
   * where the commit failed.
   */
  abstract commit(operations: Operations, from: i32, to: i32): i32;

  /** Operations in one commit; 0: unlimited. Raises `failure` where it cannot be told. */
  abstract maxOperations(): u64;

  /** Bytes of keys and values in one commit; 0: unlimited. Asked after `maxOperations`. */
  abstract maxBytes(): u64;

  /** What one operation counts towards `maxBytes`. */
  abstract bytesOf(operations: Operations, index: i32): u64;

  /**
   * Starts reading all entries in ascending order of their keys, from `start` on.
   * @param hint how many entries will probably be read; 0: unknown.
   */
  abstract scan(start: Slice, hint: u32): void;

  /** The next entry of the scan, or null at its end and where it failed. */
  abstract next(): Entry | null;

  /** Lets go of what the last `get` or scan holds; their entries are void then. */
  abstract release(): void;
}

import { noteGarbage } from '../garbage';
import { canAllocate } from '../memory/allocator';
import { noteLack } from '../memory/lack';
import { hashBytes, sameBytes } from '../slice';
import { Operations } from './operation';

/** Slots of the table that is kept between calls; larger ones are made for one commit. */
const KEPT: u32 = 1024;

/** Finds, for each operation of one commit, the one before it on the same key. */
@final
export class KeyIndex {
  private kept: StaticArray<i32> = new StaticArray<i32>(KEPT);
  /** Index of the latest operation on a key, plus one; 0: empty. Open addressing. */
  private slots: StaticArray<i32> = this.kept;
  private mask: u32 = 0;

  /** Begins a commit of `count` operations. @returns false where memory is lacking. */
  open(count: i32): bool {
    // A power of two, at least twice the count, and no more to clear than that.
    const size = max<u32>(8, (<u32>1) << (33 - clz<u32>(<u32>count)));
    this.mask = size - 1;
    if (size > KEPT) {
      if (!canAllocate(((<usize>size) << 2) + 64)) {
        noteLack();
        return false;
      }
      this.slots = new StaticArray<i32>(size);
      noteGarbage();
    } else {
      this.slots = this.kept;
      memory.fill(changetype<usize>(this.kept), 0, (<usize>size) << 2);
    }
    return true;
  }

  close(): void {
    this.slots = this.kept;
  }

  /** Notes operation `index`. @returns the latest before it on its key, or -1. */
  put(operations: Operations, index: i32): i32 {
    const key = operations.at(index).key;
    let slot = (<u32>hashBytes(key.at, key.size)) & this.mask;
    for (;;) {
      const earlier = unchecked(this.slots[slot]) - 1;
      if (earlier >= 0) {
        const other = operations.at(earlier).key;
        if (!sameBytes(other.at, other.size, key.at, key.size)) {
          slot = (slot + 1) & this.mask;
          continue;
        }
      }
      unchecked((this.slots[slot] = index + 1));
      return earlier;
    }
  }
}

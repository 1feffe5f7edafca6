import { noteGarbage } from '../garbage';
import { canAllocate } from '../memory/allocator';
import { noteLack } from '../memory/lack';
import { Slice } from '../slice';

/** Objects kept for the next call. */
const KEPT = 256;
/** Bytes of a slice, rounded up. */
const SLICE_SIZE: usize = 64;

/** The keys of one call, in order. */
@final
export class Keys {
  count: i32 = 0;
  private pool: Array<Slice> = new Array<Slice>();
  private unused: Slice = new Slice();

  at(index: i32): Slice {
    return unchecked(this.pool[index]);
  }

  /** A further key; one that counts nowhere where memory is lacking. */
  add(): Slice {
    if (this.count === this.pool.length) {
      if (!canAllocate(SLICE_SIZE + <usize>this.pool.length * 16)) {
        noteLack();
        return this.unused;
      }
      this.pool.push(new Slice());
      noteGarbage();
    }
    const key = unchecked(this.pool[this.count++]);
    key.clear();
    return key;
  }

  reset(): void {
    this.count = 0;
    if (this.pool.length > KEPT) {
      this.pool = new Array<Slice>();
      noteGarbage();
    }
  }
}

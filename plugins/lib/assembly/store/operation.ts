import { noteGarbage } from '../garbage';
import { canAllocate } from '../memory/allocator';
import { noteLack } from '../memory/lack';
import { Slice } from '../slice';

/** What must hold of a key before a commit writes anything. */
export const enum Check {
  None,
  /** The key is there with exactly `version`. */
  Version,
  Absent,
}

/** One Set or Delete. Its slices point into the request, which outlives the call. */
@final
export class Operation {
  remove: bool = false;
  key: Slice = new Slice();
  value: Slice = new Slice();
  contentType: Slice = new Slice();
  etag: Slice = new Slice();
  ttlText: Slice = new Slice();
  firstWrite: bool = false;

  // Below: what the request means for the store, worked out from the above.
  check: Check = Check.None;
  version: u64 = 0;
  /** Milliseconds from now; 0: never expires. */
  ttl: u64 = 0;
  /** Free for the backend, within one commit. */
  block: usize = 0;

  clear(): void {
    this.remove = false;
    this.key.clear();
    this.value.clear();
    this.contentType.clear();
    this.etag.clear();
    this.ttlText.clear();
    this.firstWrite = false;
    this.check = Check.None;
    this.version = 0;
    this.ttl = 0;
    this.block = 0;
  }
}

/** Objects kept for the next call. */
const KEPT = 64;
/** Bytes of an operation with all its slices, rounded up. */
const OPERATION_SIZE: usize = 512;

/** The operations of one call, in order. They are kept between calls: most calls need one. */
@final
export class Operations {
  count: i32 = 0;
  private pool: Array<Operation> = new Array<Operation>();
  private unused: Operation = new Operation();

  at(index: i32): Operation {
    return unchecked(this.pool[index]);
  }

  /** A further operation; one that counts nowhere where memory is lacking. */
  add(): Operation {
    if (this.count === this.pool.length) {
      if (!canAllocate(OPERATION_SIZE + <usize>this.pool.length * 16)) {
        noteLack();
        return this.unused;
      }
      this.pool.push(new Operation());
      noteGarbage();
    }
    const operation = unchecked(this.pool[this.count++]);
    operation.clear();
    return operation;
  }

  reset(): void {
    this.count = 0;
    if (this.pool.length > KEPT) {
      this.pool = new Array<Operation>();
      noteGarbage();
    }
  }
}

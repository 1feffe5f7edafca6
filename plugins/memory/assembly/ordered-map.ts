import { release, tryAllocate } from '../../lib/assembly/memory/allocator';
import { sameBytes } from '../../lib/assembly/slice';
import { Leaf } from './leaf';

/** Bytes of the longest key whose bits have positions. */
export const MAX_KEY_SIZE: u32 = 0xfffffff;

/** After every bit of every key. */
const NO_BIT: u32 = u32.MAX_VALUE;

/**
 * A place where keys part: all below have the same bits before this one. A bit's position is the
 * index of its byte * 16 + 0 to 8. Bit 0 says that the key has such a byte at all, so that a key
 * comes before those that it begins; bits 1 to 8 are the byte's, from the highest on.
 */
@unmanaged
class Branch {
  position: u32;
  /** Keys without the bit: a branch (address + 1) or a leaf (address). */
  left: usize;
  /** Keys with the bit. */
  right: usize;
}

/** Branches that are kept for later keys. */
const KEPT: u32 = 16;

/**
 * Leaves in ascending order of their keys: a crit-bit tree. A look-up reads one branch for each bit
 * in which it could still go wrong, compares the key once, and needs no balancing. Leaves are the
 * caller's, branches the map's.
 */
@final
export class OrderedMap {
  private root: usize = 0;
  /** Free branches, linked by `left`. */
  private spare: usize = 0;
  private spares: u32 = 0;

  /** The leaf with this key, or null. */
  find(key: usize, size: u32): Leaf | null {
    if (this.root === 0) return null;
    const leaf = this.closest(key, size);
    return sameBytes(leaf.key, leaf.keySize, key, size) ? leaf : null;
  }

  /** Makes sure that `count` leaves can be put in without asking for memory. */
  prepare(count: u32): bool {
    while (this.spares < count) {
      const at = tryAllocate(offsetof<Branch>());
      if (at === 0) return false;
      this.keep(changetype<Branch>(at));
    }
    return true;
  }

  /** Gives back branches that no leaf needs; not between `prepare` and the last `put`. */
  trim(): void {
    while (this.spares > KEPT) release(changetype<usize>(this.take()));
  }

  /**
   * Puts a leaf in, after `prepare`; its key has MAX_KEY_SIZE bytes at the most.
   * @returns the leaf with the same key that it took the place of, or null.
   */
  put(leaf: Leaf): Leaf | null {
    if (this.root === 0) {
      this.root = changetype<usize>(leaf);
      return null;
    }
    const key = leaf.key;
    const size = leaf.keySize;
    const near = this.closest(key, size);
    const position = firstDifference(near, key, size);
    const slot = this.slotOf(key, size, position);
    if (position === NO_BIT) {
      store<usize>(slot, changetype<usize>(leaf));
      return near;
    }
    const branch = this.take();
    branch.position = position;
    if (hasBit(key, size, position)) {
      branch.left = load<usize>(slot);
      branch.right = changetype<usize>(leaf);
    } else {
      branch.left = changetype<usize>(leaf);
      branch.right = load<usize>(slot);
    }
    store<usize>(slot, changetype<usize>(branch) + 1);
    return null;
  }

  /** Takes the leaf with this key out. @returns it, or null where there is none. */
  remove(key: usize, size: u32): Leaf | null {
    if (this.root === 0) return null;
    let slot = this.rootSlot();
    let parentSlot: usize = 0;
    let node = this.root;
    while ((node & 1) !== 0) {
      parentSlot = slot;
      slot = childSlot(toBranch(node), key, size);
      node = load<usize>(slot);
    }
    const leaf = changetype<Leaf>(node);
    if (!sameBytes(leaf.key, leaf.keySize, key, size)) return null;
    if (parentSlot === 0) {
      this.root = 0;
    } else {
      const parent = toBranch(load<usize>(parentSlot));
      store<usize>(parentSlot, parent.left === node ? parent.right : parent.left);
      this.keep(parent);
    }
    return leaf;
  }

  /** The first leaf whose key is not before the given one, or null. */
  atOrAfter(key: usize, size: u32): Leaf | null {
    if (this.root === 0) return null;
    const near = this.closest(key, size);
    const position = firstDifference(near, key, size);
    if (position === NO_BIT) return near;
    // Below this place all keys are on the same side of the given one.
    if (!hasBit(key, size, position))
      return leftmost(load<usize>(this.slotOf(key, size, position)));
    return this.rightOf(key, size, position);
  }

  /** The leaf after this one, which is in the map, or null. */
  after(leaf: Leaf): Leaf | null {
    return this.rightOf(leaf.key, leaf.keySize, NO_BIT);
  }

  /** The only leaf that can have this key. The map is not empty. */
  private closest(key: usize, size: u32): Leaf {
    let node = this.root;
    while ((node & 1) !== 0) node = load<usize>(childSlot(toBranch(node), key, size));
    return changetype<Leaf>(node);
  }

  /** Where the key's path meets its leaf or the first branch that is not before a bit. */
  private slotOf(key: usize, size: u32, position: u32): usize {
    let slot = this.rootSlot();
    let node = this.root;
    while ((node & 1) !== 0 && toBranch(node).position < position) {
      slot = childSlot(toBranch(node), key, size);
      node = load<usize>(slot);
    }
    return slot;
  }

  /** The first leaf right of the key's path, which ends at a bit. */
  private rightOf(key: usize, size: u32, position: u32): Leaf | null {
    let node = this.root;
    let right: usize = 0;
    while ((node & 1) !== 0) {
      const branch = toBranch(node);
      if (branch.position >= position) break;
      const goesRight = hasBit(key, size, branch.position);
      if (!goesRight) right = branch.right;
      node = goesRight ? branch.right : branch.left;
    }
    return right === 0 ? null : leftmost(right);
  }

  private rootSlot(): usize {
    return changetype<usize>(this) + offsetof<OrderedMap>('root');
  }

  private take(): Branch {
    assert(this.spare !== 0);
    const branch = changetype<Branch>(this.spare);
    this.spare = branch.left;
    this.spares -= 1;
    return branch;
  }

  private keep(branch: Branch): void {
    branch.left = this.spare;
    this.spare = changetype<usize>(branch);
    this.spares += 1;
  }
}

function toBranch(node: usize): Branch {
  return changetype<Branch>(node - 1);
}

/** Bits 8 to 0: whether there is such a byte, and its own bits. */
function byteAt(key: usize, size: u32, index: u32): u32 {
  return index < size ? 0x100 | (<u32>load<u8>(key + index)) : 0;
}

function hasBit(key: usize, size: u32, position: u32): bool {
  return ((byteAt(key, size, position >> 4) << (position & 15)) & 0x100) !== 0;
}

function childSlot(branch: Branch, key: usize, size: u32): usize {
  const right = hasBit(key, size, branch.position);
  return changetype<usize>(branch) + (right ? offsetof<Branch>('right') : offsetof<Branch>('left'));
}

function leftmost(node: usize): Leaf {
  while ((node & 1) !== 0) node = toBranch(node).left;
  return changetype<Leaf>(node);
}

/** Position of the first bit in which a leaf's key differs, or NO_BIT. */
function firstDifference(leaf: Leaf, key: usize, size: u32): u32 {
  const other = leaf.key;
  const shorter = min(leaf.keySize, size);
  let i: u32 = 0;
  while (i + 8 <= shorter && load<u64>(other + i) === load<u64>(key + i)) i += 8;
  while (i < shorter && load<u8>(other + i) === load<u8>(key + i)) i += 1;
  if (i === shorter && leaf.keySize === size) return NO_BIT;
  const bits = byteAt(other, leaf.keySize, i) ^ byteAt(key, size, i);
  // The highest of nine bits is position 0 of the byte.
  return (i << 4) | (clz<u32>(bits) - 23);
}

import { release, tryAllocate } from '../../lib/assembly/memory/allocator';
import { Leaf } from './leaf';

/** Leaves for which room is kept. */
const KEPT: u32 = 4096;

/** Leaves that expire, the next one first: a binary heap, in which each leaf knows its place. */
@final
export class ExpiryQueue {
  count: u32 = 0;
  private slots: usize = 0;
  private capacity: u32 = 0;

  /** Makes sure that `extra` leaves can be added without asking for memory. */
  prepare(extra: u32): bool {
    const needed = this.count + extra;
    return needed <= this.capacity || this.resize(max(64, needed * 2)) || this.resize(needed);
  }

  /** Gives back room for leaves that are gone; not between `prepare` and the last `add`. */
  trim(): void {
    let capacity = this.capacity;
    while (capacity > KEPT && this.count < capacity >> 2) capacity >>= 1;
    if (capacity !== this.capacity) this.resize(capacity);
  }

  /** After `prepare`. */
  add(leaf: Leaf): void {
    assert(this.count < this.capacity);
    this.count += 1;
    this.rise(this.count - 1, leaf);
  }

  remove(leaf: Leaf): void {
    if (leaf.place === 0) return;
    const place = leaf.place - 1;
    leaf.place = 0;
    this.count -= 1;
    if (place === this.count) return;
    const last = this.at(this.count);
    if (place > 0 && last.expiresAt < this.at((place - 1) >> 1).expiresAt) this.rise(place, last);
    else this.sink(place, last);
  }

  /** The leaf that expires next, if it has expired by `now`. */
  expired(now: i64): Leaf | null {
    if (this.count === 0) return null;
    const leaf = this.at(0);
    return leaf.expiresAt <= now ? leaf : null;
  }

  private rise(place: u32, leaf: Leaf): void {
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.at(above);
      if (parent.expiresAt <= leaf.expiresAt) break;
      this.put(place, parent);
      place = above;
    }
    this.put(place, leaf);
  }

  private sink(place: u32, leaf: Leaf): void {
    for (;;) {
      let below: u32 = 2 * place + 1;
      if (below >= this.count) break;
      if (below + 1 < this.count && this.at(below + 1).expiresAt < this.at(below).expiresAt) {
        below += 1;
      }
      const child = this.at(below);
      if (child.expiresAt >= leaf.expiresAt) break;
      this.put(place, child);
      place = below;
    }
    this.put(place, leaf);
  }

  private at(place: u32): Leaf {
    return changetype<Leaf>(load<usize>(this.slots + (place << 2)));
  }

  private put(place: u32, leaf: Leaf): void {
    store<usize>(this.slots + (place << 2), changetype<usize>(leaf));
    leaf.place = place + 1;
  }

  private resize(capacity: u32): bool {
    const slots = tryAllocate((<usize>capacity) << 2);
    if (slots === 0) return false;
    memory.copy(slots, this.slots, this.count << 2);
    release(this.slots);
    this.slots = slots;
    this.capacity = capacity;
    return true;
  }
}

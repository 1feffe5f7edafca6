import { invalidArgument } from '../../lib/assembly/failure';
import { canAllocate, release } from '../../lib/assembly/memory/allocator';
import { noteLack } from '../../lib/assembly/memory/lack';
import { Slice } from '../../lib/assembly/slice';
import { Backend } from '../../lib/assembly/store/backend';
import { Entry } from '../../lib/assembly/store/entry';
import { Keys } from '../../lib/assembly/store/keys';
import { Check, Operation, Operations } from '../../lib/assembly/store/operation';
import { microseconds, now } from './clock';
import { ExpiryQueue } from './expiry-queue';
import { Leaf, freeLeaf, makeLeaf } from './leaf';
import { MAX_KEY_SIZE, OrderedMap } from './ordered-map';

/**
 * Expired entries that a commit frees at the most, for each of its operations. More than one keeps
 * ahead of any rate at which entries are added, and no write pays for many.
 */
const SWEPT = 4;

/**
 * Bytes that writes leave free, a sixteenth of the memory: a store that is full still has to take
 * requests and give answers, among them those that delete.
 */
function headroom(): usize {
  return (<usize>memory.size()) << 12;
}

/** Entries in linear memory. They are gone when the instance is. */
export class MemoryBackend extends Backend {
  private map: OrderedMap = new OrderedMap();
  private expiring: ExpiryQueue = new ExpiryQueue();
  /** Of the last commit that put something, 0: none yet; an entry's version is its commit's. */
  private version: u64 = 0;
  /** One time for a whole call's reads; 0: not looked at yet. */
  private time: i64 = 0;
  private keys: Keys | null = null;
  private scanned: Leaf | null = null;
  private shown: Entry = new Entry();

  get(keys: Keys): bool {
    this.time = 0;
    this.keys = keys;
    return true;
  }

  entry(index: i32): Entry {
    const key = changetype<Keys>(this.keys).at(index);
    const leaf = this.live(key);
    if (leaf === null) {
      this.shown.found = false;
      return this.shown;
    }
    return this.show(leaf);
  }

  commit(operations: Operations, from: i32, to: i32): i32 {
    this.time = 0;
    let expires: u32 = 0;
    for (let i = from; i < to; i++) {
      const operation = operations.at(i);
      if (operation.check !== Check.None && !this.holds(operation)) return i;
      if (operation.key.size > MAX_KEY_SIZE) {
        invalidArgument('a key has more than 268435455 bytes');
        return -2;
      }
      expires += u32(operation.ttl !== 0);
    }
    if (this.expiring.count > 0) this.sweep((to - from) * SWEPT);
    // Everything that may lack memory comes before everything that changes the store.
    if (!this.makeLeaves(operations, from, to, expires)) {
      this.sweep(i32.MAX_VALUE);
      this.trim();
      if (!this.makeLeaves(operations, from, to, expires)) {
        noteLack();
        return -2;
      }
    }
    const version = this.nextVersion();
    for (let i = from; i < to; i++) {
      const operation = operations.at(i);
      if (operation.remove) this.remove(operation.key.at, operation.key.size);
      else this.put(changetype<Leaf>(operation.block), version, operation.ttl);
    }
    this.trim();
    return -1;
  }

  maxOperations(): u64 {
    return 0;
  }

  maxBytes(): u64 {
    return 0;
  }

  bytesOf(operations: Operations, index: i32): u64 {
    return 0;
  }

  scan(start: Slice, hint: u32): void {
    this.time = 0;
    this.scanned = this.map.atOrAfter(start.at, start.size);
  }

  next(): Entry | null {
    let leaf = this.scanned;
    while (leaf !== null && leaf.expiresAt !== 0 && leaf.isExpired(this.now())) {
      leaf = this.map.after(leaf);
    }
    if (leaf === null) return null;
    this.scanned = this.map.after(leaf);
    return this.show(leaf);
  }

  release(): void {
    this.keys = null;
    this.scanned = null;
  }

  /** Gets all the memory that a commit needs, or none of it. */
  private makeLeaves(operations: Operations, from: i32, to: i32, expires: u32): bool {
    let puts: u32 = 0;
    let whole = true;
    for (let i = from; i < to && whole; i++) {
      const operation = operations.at(i);
      if (operation.remove) continue;
      puts += 1;
      operation.block = changetype<usize>(makeLeaf(operation));
      whole = operation.block !== 0;
    }
    if (puts === 0) return true;
    if (whole && this.map.prepare(puts) && this.expiring.prepare(expires)) {
      if (canAllocate(headroom())) return true;
    }
    for (let i = from; i < to; i++) {
      const operation = operations.at(i);
      release(operation.block);
      operation.block = 0;
    }
    this.trim();
    return false;
  }

  /** Gives back what no entry needs; not while a commit still counts on what it prepared. */
  private trim(): void {
    this.map.trim();
    this.expiring.trim();
  }

  /**
   * The first version is the time in microseconds, so that none of an earlier instance comes again:
   * with fewer commits than microseconds, its versions are behind the clock. Looked at by the first
   * commit: an instance may be made while the one that it replaces still writes.
   */
  private nextVersion(): u64 {
    return (this.version === 0 ? <u64>microseconds() : this.version) + 1;
  }

  private holds(operation: Operation): bool {
    const leaf = this.live(operation.key);
    if (operation.check === Check.Absent) return leaf === null;
    return leaf !== null && leaf.version === operation.version;
  }

  /** The leaf of a key, unless it has expired. */
  private live(key: Slice): Leaf | null {
    const leaf = this.map.find(key.at, key.size);
    if (leaf === null || leaf.expiresAt === 0 || !leaf.isExpired(this.now())) return leaf;
    return null;
  }

  private put(leaf: Leaf, version: u64, ttl: u64): void {
    this.version = version;
    leaf.version = version;
    const replaced = this.map.put(leaf);
    if (replaced !== null) {
      this.expiring.remove(replaced);
      freeLeaf(replaced);
    }
    if (ttl !== 0) {
      leaf.expiresAt = this.now() + <i64>ttl;
      this.expiring.add(leaf);
    }
  }

  private remove(key: usize, size: u32): void {
    const leaf = this.map.remove(key, size);
    if (leaf === null) return;
    this.expiring.remove(leaf);
    freeLeaf(leaf);
  }

  private sweep(count: i32): void {
    for (let i = 0; i < count; i++) {
      const leaf = this.expiring.expired(this.now());
      if (leaf === null) return;
      this.remove(leaf.key, leaf.keySize);
    }
  }

  private now(): i64 {
    if (this.time === 0) this.time = now();
    return this.time;
  }

  private show(leaf: Leaf): Entry {
    const entry = this.shown;
    entry.found = true;
    entry.key.set(leaf.key, leaf.keySize);
    entry.contentType.set(leaf.contentType, leaf.contentTypeSize);
    entry.data.set(leaf.data, leaf.dataSize);
    entry.version = leaf.version;
    entry.expiresAt = leaf.expiresAt;
    return entry;
  }
}

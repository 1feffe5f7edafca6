import { release, tryAllocate } from '../../lib/assembly/memory/allocator';
import { Operation } from '../../lib/assembly/store/operation';

/** One entry of the store: this header, then the bytes of key, content type and data. */
@unmanaged
export class Leaf {
  version: u64;
  /** Milliseconds since 1970-01-01T00:00:00Z; 0: never. */
  expiresAt: i64;
  /** Place in the expiry queue plus one; 0: not in it. */
  place: u32;
  keySize: u32;
  contentTypeSize: u32;
  dataSize: u32;

  get key(): usize {
    return changetype<usize>(this) + offsetof<Leaf>();
  }

  get contentType(): usize {
    return this.key + this.keySize;
  }

  get data(): usize {
    return this.contentType + this.contentTypeSize;
  }

  isExpired(now: i64): bool {
    return this.expiresAt !== 0 && this.expiresAt <= now;
  }
}

/** A leaf that is not in the map yet, with the operation's bytes copied; null: no memory. */
export function makeLeaf(operation: Operation): Leaf | null {
  const key = operation.key;
  const contentType = operation.contentType;
  const value = operation.value;
  const size = <u64>offsetof<Leaf>() + key.size + contentType.size + value.size;
  const at = tryAllocate(<usize>min<u64>(size, usize.MAX_VALUE));
  if (at === 0) return null;
  const leaf = changetype<Leaf>(at);
  leaf.version = 0;
  leaf.expiresAt = 0;
  leaf.place = 0;
  leaf.keySize = key.size;
  leaf.contentTypeSize = contentType.size;
  leaf.dataSize = value.size;
  memory.copy(leaf.key, key.at, key.size);
  memory.copy(leaf.contentType, contentType.at, contentType.size);
  memory.copy(leaf.data, value.at, value.size);
  return leaf;
}

export function freeLeaf(leaf: Leaf): void {
  release(changetype<usize>(leaf));
}

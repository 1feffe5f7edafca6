// The allocator of both plugins, in place of AssemblyScript's own, which traps where the memory
// may not grow: a store that is full has to say so and live on.
//
// A block is a header of four bytes and a payload at a multiple of 16. The header holds the
// payload's size (12 modulo 16) and two flags. A free block's payload begins with its neighbours in
// the list of its size class and ends with its own address, where the block after it finds it.
// Size classes are two-level: rows of powers of two, each of 16 columns; both are found by bit
// scans, so every operation takes the same time however many blocks there are.

const FREE: u32 = 1;
/** The block before this one is free. */
const AFTER_FREE: u32 = 2;
const FLAGS: u32 = 3;

const HEADER: usize = 4;
const UNIT: usize = 16;
const COLUMNS: u32 = 16;
const ROWS: u32 = 26;

/** Bytes by which the memory grows at least, as a share of its size: one eighth. */
const GROWTH_SHIFT: u32 = 3;
const PAGE_SHIFT: u32 = 16;

/** Blocks that are looked at in a class that may be too small. */
const TRIED = 8;

const heads = memory.data(ROWS * COLUMNS * sizeof<usize>(), 4);
const columns = memory.data(ROWS * sizeof<u32>(), 4);
let rows: u32 = 0;

/** The header that ends the heap: used, without a payload. 0: there is no heap yet. */
let last: usize = 0;

/** Payload bytes of the largest block. */
const LARGEST: usize = 0x7ffffffc;

/** Memory of at least `size` bytes, or 0 where there is none. */
export function tryAllocate(size: usize): usize {
  if (size > LARGEST - UNIT) return 0;
  const payload = payloadFor(size);
  let block = findFree(payload);
  if (block === 0) {
    if (!grow(payload)) return 0;
    block = findFree(payload);
  }
  unlist(block);
  const rest = payloadOf(block) - payload;
  const next = block + payloadOf(block);
  if (rest === 0) {
    store<u32>(block - HEADER, load<u32>(block - HEADER) & ~FREE);
    store<u32>(next, load<u32>(next) & ~AFTER_FREE);
    return block;
  }
  store<u32>(block - HEADER, (<u32>payload) | (load<u32>(block - HEADER) & AFTER_FREE));
  const remainder = block + payload + HEADER;
  store<u32>(remainder - HEADER, <u32>(rest - HEADER));
  list(remainder);
  return block;
}

/** As `tryAllocate`, but traps where there is no memory. The compiler's own code calls it. */
export function allocate(size: usize): usize {
  const at = tryAllocate(size);
  assert(at !== 0);
  return at;
}

export function reallocate(at: usize, size: usize): usize {
  const old = payloadOf(at);
  if (size <= old) return at;
  const moved = allocate(size);
  memory.copy(moved, at, old);
  release(at);
  return moved;
}

/** Gives back what `allocate` or `tryAllocate` returned; 0 is nothing. */
export function release(at: usize): void {
  if (at === 0) return;
  const header = load<u32>(at - HEADER);
  assert((header & FREE) === 0);
  let block = at;
  let payload = payloadOf(at);
  const next = block + payload + HEADER;
  if ((load<u32>(next - HEADER) & FREE) !== 0) {
    unlist(next);
    payload += HEADER + payloadOf(next);
  }
  if ((header & AFTER_FREE) !== 0) {
    block = load<usize>(at - 2 * HEADER);
    unlist(block);
    payload += at - block;
  }
  store<u32>(block - HEADER, (<u32>payload) | (load<u32>(block - HEADER) & AFTER_FREE));
  list(block);
}

/** Whether `tryAllocate` would succeed. The memory grows for it where it has to. */
export function canAllocate(size: usize): bool {
  if (size > LARGEST - UNIT) return false;
  const payload = payloadFor(size);
  return findFree(payload) !== 0 || grow(payload);
}

function payloadOf(block: usize): usize {
  return load<u32>(block - HEADER) & ~FLAGS;
}

/** Payloads are 12, 28, 44 and so on: with the header a multiple of 16. */
function payloadFor(size: usize): usize {
  return ((max<usize>(size, 12) + HEADER + UNIT - 1) & ~(UNIT - 1)) - HEADER;
}

/** Row * 16 + column of the class that holds blocks of so many units. */
function classOf(units: u32): u32 {
  if (units < COLUMNS) return units;
  const bits = 31 - clz<u32>(units);
  return ((bits - 3) << 4) | ((units >> (bits - 4)) & (COLUMNS - 1));
}

/** A free block with at least this payload, or 0. */
function findFree(payload: usize): usize {
  let units = <u32>((payload + HEADER) / UNIT);
  if (units >= 2 * COLUMNS) {
    // A class of large blocks has several sizes: a few may do, before the classes above, where all
    // do. Without this a freed block would hardly be used again for its own size.
    let block = load<usize>(headOf(classOf(units)));
    for (let i = 0; i < TRIED && block !== 0; i++) {
      if (payloadOf(block) >= payload) return block;
      block = load<usize>(block);
    }
    units += ((<u32>1) << (27 - clz<u32>(units))) - 1;
  }
  const size = classOf(units);
  let row = size >> 4;
  let bits = load<u32>(columns + (row << 2)) & (u32.MAX_VALUE << (size & (COLUMNS - 1)));
  if (bits === 0) {
    const above = rows & (u32.MAX_VALUE << (row + 1));
    if (above === 0) return 0;
    row = ctz<u32>(above);
    bits = load<u32>(columns + (row << 2));
  }
  return load<usize>(headOf((row << 4) | ctz<u32>(bits)));
}

function headOf(size: u32): usize {
  return heads + (size << 2);
}

/** Marks a block as free and puts it in the list of its class. */
function list(block: usize): void {
  const header = load<u32>(block - HEADER) | FREE;
  const payload: usize = header & ~FLAGS;
  store<u32>(block - HEADER, header);
  const next = block + payload;
  store<usize>(next - sizeof<usize>(), block);
  store<u32>(next, load<u32>(next) | AFTER_FREE);
  const size = classOf(<u32>((payload + HEADER) / UNIT));
  const first = load<usize>(headOf(size));
  store<usize>(block, first);
  store<usize>(block + sizeof<usize>(), 0);
  if (first !== 0) store<usize>(first + sizeof<usize>(), block);
  store<usize>(headOf(size), block);
  const row = size >> 4;
  store<u32>(
    columns + (row << 2),
    load<u32>(columns + (row << 2)) | ((<u32>1) << (size & (COLUMNS - 1))),
  );
  rows |= (<u32>1) << row;
}

/** Takes a free block out of its list; its header stays as it is. */
function unlist(block: usize): void {
  const after = load<usize>(block);
  const before = load<usize>(block + sizeof<usize>());
  if (after !== 0) store<usize>(after + sizeof<usize>(), before);
  if (before !== 0) {
    store<usize>(before, after);
    return;
  }
  const size = classOf(<u32>((payloadOf(block) + HEADER) / UNIT));
  store<usize>(headOf(size), after);
  if (after !== 0) return;
  const row = size >> 4;
  const bits = load<u32>(columns + (row << 2)) & ~((<u32>1) << (size & (COLUMNS - 1)));
  store<u32>(columns + (row << 2), bits);
  if (bits === 0) rows &= ~((<u32>1) << row);
}

/** Adds a free block with at least this payload. @returns false where the memory may not grow. */
function grow(payload: usize): bool {
  if (last === 0 && start() && findFree(payload) !== 0) return true;
  const before = memory.size();
  // A class's smallest block may be a sixteenth above what was asked for.
  const bytes = <u64>payload + ((<u64>payload) >> 4) + UNIT;
  const needed = <i32>((bytes + 0xffff) >> PAGE_SHIFT);
  if (memory.grow(max<i32>(needed, before >> GROWTH_SHIFT)) < 0 && memory.grow(needed) < 0) {
    return false;
  }
  extend((<usize>memory.size()) << PAGE_SHIFT);
  return true;
}

/** Makes a heap of what is left of the first pages. */
function start(): bool {
  last = ((__heap_base + HEADER + UNIT - 1) & ~(UNIT - 1)) - HEADER;
  const end = (<usize>memory.size()) << PAGE_SHIFT;
  // Static data may fill the pages to the last unit.
  if (end < last + HEADER + 2 * UNIT) return false;
  store<u32>(last, 0);
  extend(end);
  return true;
}

/** Turns everything from the last header to the memory's new end into a free block. */
function extend(end: usize): void {
  const block = last + HEADER;
  last = end - HEADER;
  store<u32>(last, 0);
  store<u32>(block - HEADER, (<u32>(last - block)) | (load<u32>(block - HEADER) & AFTER_FREE));
  release(block);
}

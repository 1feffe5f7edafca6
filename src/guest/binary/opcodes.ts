import type { Feature } from './features.ts';

/** What follows an opcode, so that the walker can step over it. */
export const Immediate = {
  /** Not an instruction that this host knows. */
  unknown: 0,
  none: 1,
  blockType: 2,
  index: 3,
  twoIndexes: 4,
  branchTable: 5,
  memory: 6,
  i32: 7,
  i64: 8,
  bytes4: 9,
  bytes8: 10,
  bytes16: 11,
  lane: 12,
  memoryAndLane: 13,
  valueTypes: 14,
  heapType: 15,
  global: 16,
  call: 17,
  /** The index of a memory alone. */
  memoryIndex: 18,
  /** An index, then a memory's. */
  indexAndMemory: 19,
  twoMemories: 20,
  prefix: 21,
  loop: 22,
  end: 23,
  indirectCall: 24,
  branch: 25,
  /** Leaves the function. */
  exit: 26,
  /** An index, of something that takes a call to reach. */
  costlyIndex: 27,
} as const;

export type ImmediateKind = (typeof Immediate)[keyof typeof Immediate];

export interface OpcodeTable {
  readonly immediates: Uint8Array;
  readonly features: readonly (Feature | undefined)[];
}

type Row = readonly [from: number, to: number, immediate: ImmediateKind, feature?: Feature];

function table(size: number, rows: readonly Row[]): OpcodeTable {
  const immediates = new Uint8Array(size);
  const features: (Feature | undefined)[] = Array.from({ length: size });
  for (const [from, to, immediate, feature] of rows) {
    for (let opcode = from; opcode <= to; opcode++) {
      immediates[opcode] = immediate;
      features[opcode] = feature;
    }
  }
  return { immediates, features };
}

const I = Immediate;

/** One-byte opcodes. A refused instruction has a feature but no known immediate: nobody steps over it. */
export const PLAIN: OpcodeTable = table(256, [
  [0x00, 0x01, I.none], // unreachable, nop
  [0x02, 0x02, I.blockType], // block
  [0x03, 0x03, I.loop],
  [0x04, 0x04, I.blockType], // if
  [0x05, 0x05, I.none], // else
  [0x06, 0x0a, I.unknown, 'exceptions'], // try, catch, throw, rethrow, throw_ref
  [0x0b, 0x0b, I.end],
  [0x0c, 0x0d, I.branch], // br, br_if
  [0x0e, 0x0e, I.branchTable],
  [0x0f, 0x0f, I.exit], // return
  [0x10, 0x10, I.call],
  [0x11, 0x11, I.indirectCall],
  [0x12, 0x13, I.unknown, 'tail-calls'], // return_call, return_call_indirect
  [0x14, 0x14, I.unknown, 'function-references'], // call_ref
  [0x15, 0x15, I.unknown, 'tail-calls'], // return_call_ref
  [0x18, 0x19, I.unknown, 'exceptions'], // delegate, catch_all
  [0x1a, 0x1b, I.none], // drop, select
  [0x1c, 0x1c, I.valueTypes, 'reference-types'], // select with types
  [0x1f, 0x1f, I.unknown, 'exceptions'], // try_table
  [0x20, 0x22, I.index], // local.get, local.set, local.tee
  [0x23, 0x24, I.global], // global.get, global.set
  [0x25, 0x26, I.costlyIndex, 'reference-types'], // table.get, table.set
  [0x28, 0x3e, I.memory], // loads and stores
  [0x3f, 0x40, I.memoryIndex], // memory.size, memory.grow
  [0x41, 0x41, I.i32],
  [0x42, 0x42, I.i64],
  [0x43, 0x43, I.bytes4],
  [0x44, 0x44, I.bytes8],
  [0x45, 0xbf, I.none], // comparisons, arithmetic, conversions
  [0xc0, 0xc4, I.none, 'sign-extension'],
  [0xd0, 0xd0, I.heapType, 'reference-types'], // ref.null
  [0xd1, 0xd1, I.none, 'reference-types'], // ref.is_null
  [0xd2, 0xd2, I.costlyIndex, 'reference-types'], // ref.func
  [0xd3, 0xd3, I.unknown, 'gc'], // ref.eq
  [0xd4, 0xd6, I.unknown, 'function-references'], // ref.as_non_null, br_on_null, br_on_non_null
  [0xe0, 0xe6, I.unknown, 'stack-switching'],
  [0xfb, 0xfb, I.unknown, 'gc'],
  [0xfc, 0xfd, I.prefix],
  [0xfe, 0xfe, I.unknown, 'threads'],
]);

/** Behind the prefix 0xfc. */
export const MISCELLANEOUS: OpcodeTable = table(18, [
  [0, 7, I.none, 'saturating-float-to-int'],
  [8, 8, I.indexAndMemory, 'bulk-memory'], // memory.init
  [9, 9, I.index, 'bulk-memory'], // data.drop
  [10, 10, I.twoMemories, 'bulk-memory'], // memory.copy
  [11, 11, I.memoryIndex, 'bulk-memory'], // memory.fill
  [12, 12, I.twoIndexes, 'bulk-memory'], // table.init
  [13, 13, I.index, 'bulk-memory'], // elem.drop
  [14, 14, I.twoIndexes, 'bulk-memory'], // table.copy
  [15, 17, I.index, 'reference-types'], // table.grow, table.size, table.fill
]);

/** Numbers that the vector instructions leave unassigned. */
const VECTOR_HOLES = [
  0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2,
  0xd3, 0xd4, 0xe2, 0xee,
];

/** Behind the prefix 0xfd. */
export const VECTOR: OpcodeTable = table(0x114, [
  [0x00, 0xff, I.none, 'simd'],
  [0x00, 0x0b, I.memory, 'simd'], // loads and stores
  [0x0c, 0x0d, I.bytes16, 'simd'], // v128.const, i8x16.shuffle
  [0x15, 0x22, I.lane, 'simd'], // extract_lane, replace_lane
  [0x54, 0x5b, I.memoryAndLane, 'simd'], // load_lane, store_lane
  [0x5c, 0x5d, I.memory, 'simd'], // load32_zero, load64_zero
  ...VECTOR_HOLES.map((hole): Row => [hole, hole, I.unknown]),
  [0x100, 0x113, I.none, 'relaxed-simd'],
]);

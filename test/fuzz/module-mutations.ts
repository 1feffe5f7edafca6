import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { inspectModule } from '../../src/guest/binary/inspect.ts';
import { ByteWriter } from '../../src/guest/binary/writer.ts';
import { readGallery } from '../hostile/gallery.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Modules to start from: hostile ones, and those of real compilers that are built and small. */
export function seedModules(): Uint8Array[] {
  const built = globSync(['plugins/*/build/*.wasm', 'test/guests/*/build/*.wasm'], { cwd: ROOT })
    .toSorted()
    .map((path) => new Uint8Array(readFileSync(join(ROOT, path))))
    .filter(({ length }) => length < 64 * 1024);
  return [...readGallery().map(({ module }) => module), ...built];
}

/** Bytes that mean something: ends, blocks, calls, prefixes, memory operations, LEB128's edges. */
const TELLING = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x1a, 0x20,
  0x23, 0x24, 0x28, 0x3f, 0x40, 0x41, 0x60, 0x6f, 0x70, 0x7b, 0x7e, 0x7f, 0x80, 0xfb, 0xfc, 0xfd,
  0xfe, 0xff,
];

const value = fc.oneof(fc.constantFrom(...TELLING), fc.integer({ min: 0, max: 255 }));
/** To be taken modulo the length of whatever it meets; no place is likelier than another. */
const where = fc.noBias(fc.nat());

type Change =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'replace'; at: number; values: number[] }
  | { kind: 'insert'; at: number; values: number[] }
  | { kind: 'remove'; at: number; length: number }
  | { kind: 'repeat'; at: number; to: number; length: number }
  | { kind: 'cut'; at: number };

const values = fc.array(value, { minLength: 1, maxLength: 3 });
const length = fc.integer({ min: 1, max: 32 });

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('flip' as const),
      at: where,
      bit: fc.integer({ min: 0, max: 7 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('replace' as const), at: where, values }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), at: where, values }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: where, length }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('repeat' as const), at: where, to: where, length }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: where }) },
);

function changed(bytes: Uint8Array, made: Change): Uint8Array {
  const at = made.at % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (made.kind) {
    case 'flip': {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (bytes[at] ?? 0) ^ (1 << made.bit);
      return flipped;
    }
    case 'replace':
      return Uint8Array.from([...head, ...made.values, ...tail.subarray(made.values.length)]);
    case 'insert':
      return Uint8Array.from([...head, ...made.values, ...tail]);
    case 'remove':
      return Uint8Array.from([...head, ...tail.subarray(made.length)]);
    case 'repeat': {
      const to = made.to % (bytes.length + 1);
      const piece = tail.subarray(0, made.length);
      return Uint8Array.from([...bytes.subarray(0, to), ...piece, ...bytes.subarray(to)]);
    }
    case 'cut':
      return head;
  }
}

const CODE_SECTION = 10;

/** The module with one function's body changed, and all sizes right for it. */
function withChangedBody(module: Uint8Array, which: number, changes: readonly Change[]) {
  const { bodies, sections, customSections } = inspectModule(module);
  const code = new ByteWriter().u32(bodies.length);
  for (const [index, { start, end }] of bodies.entries()) {
    const body = module.subarray(start, end);
    const next = index === which % bodies.length ? changes.reduce(changed, body) : body;
    code.u32(next.length).raw(next);
  }
  const out = new ByteWriter().raw(module.subarray(0, 8));
  for (const { id, start, end } of sections) {
    out.section(id, id === CODE_SECTION ? code.finish() : module.subarray(start, end));
  }
  for (const { name, start, end } of customSections) {
    out.section(0, new ByteWriter().name(name).raw(module.subarray(start, end)).finish());
  }
  return out.finish();
}

/** Modules with a few changes to one function's code. */
function changedBodies(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const whole = seeds.filter((seed) => inspectModule(seed).complete);
  return fc
    .tuple(fc.nat(whole.length - 1), where, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([seed, which, changes]) =>
      withChangedBody(whole[seed] ?? new Uint8Array(), which, changes),
    );
}

/** Modules with a few changes anywhere behind the preamble. */
function changedAnywhere(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc
    .tuple(fc.nat(seeds.length - 1), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([seed, changes]) => {
      const module = seeds[seed] ?? new Uint8Array();
      const rest = changes.reduce(changed, module.subarray(8));
      return Uint8Array.from([...module.subarray(0, 8), ...rest]);
    });
}

export function mutations(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.oneof(
    { weight: 2, arbitrary: changedBodies(seeds) },
    { weight: 1, arbitrary: changedAnywhere(seeds) },
  );
}

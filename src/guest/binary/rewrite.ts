import { MAX_TABLE_ELEMENTS } from './limits.ts';
import type { FunctionBody, ModuleInfo, TableInfo } from './module-info.ts';
import { SECTION_ORDER } from './section-order.ts';
import { ByteWriter } from './writer.ts';

/** The module of the imports that the host adds. */
export const HOST_MODULE = 'wasmstate';
/** The guest's own linear memory, which the host makes so that it sets the maximum. */
export const MEMORY_IMPORT = 'memory';
/** The memory with the words by which a call is stopped, shared between threads. */
export const INTERRUPTS_IMPORT = 'interrupts';
/** Exported names that begin like this are the host's. */
export const RESERVED_PREFIX = 'wasmstate:';
/** The global that holds the address of the instance's word. */
export const SLOT_EXPORT = `${RESERVED_PREFIX}slot`;

/** Size in pages of the memory with the words. */
export const INTERRUPT_PAGES = 1;

const SECTION = { import: 2, table: 4, memory: 5, global: 6, export: 7, code: 10 } as const;

/** What to do at a checkpoint: stop where the instance's word is negative. */
function checkCode(slotGlobal: number): Uint8Array {
  return new ByteWriter(24)
    .u8(0x23) // global.get
    .u32(slotGlobal)
    .raw(Uint8Array.of(0x28, 0x42, 1, 0)) // i32.load of memory 1, aligned to 4 bytes, offset 0
    .raw(Uint8Array.of(0x41, 0, 0x48)) // i32.const 0, i32.lt_s
    .raw(Uint8Array.of(0x04, 0x40, 0x00, 0x0b)) // if unreachable end
    .finish();
}

function lebLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

function instrumentedCode(
  bytes: Uint8Array,
  bodies: readonly FunctionBody[],
  slotGlobal: number,
): Uint8Array {
  const check = checkCode(slotGlobal);
  let size = lebLength(bodies.length);
  const sizes = bodies.map(({ start, end, checkpoints }) => {
    const length = end - start + checkpoints.length * check.length;
    size += lebLength(length) + length;
    return length;
  });
  const out = new ByteWriter(size).u32(bodies.length);
  for (const [index, { start, end, checkpoints }] of bodies.entries()) {
    out.u32(sizes[index] ?? 0);
    let from = start;
    for (const at of checkpoints) {
      out.raw(bytes.subarray(from, at)).raw(check);
      from = at;
    }
    out.raw(bytes.subarray(from, end));
  }
  return out.finish();
}

function cappedTables(tables: readonly TableInfo[]): Uint8Array {
  const out = new ByteWriter().u32(tables.length);
  for (const { elementType, minimum, maximum } of tables) {
    out.u8(elementType === 'funcref' ? 0x70 : 0x6f).u8(1);
    out.u32(minimum).u32(Math.min(maximum ?? MAX_TABLE_ELEMENTS, MAX_TABLE_ELEMENTS));
  }
  return out.finish();
}

/** A vector section with further items behind its own. */
function appended(
  bytes: Uint8Array,
  info: ModuleInfo,
  id: number,
  count: number,
  items: readonly Uint8Array[],
): Uint8Array {
  const section = info.sections.find((each) => each.id === id);
  const out = new ByteWriter().u32(count + items.length);
  // The count is rewritten, so the items begin behind the old one, whatever its length.
  if (section !== undefined) {
    let start = section.start;
    while ((bytes[start] ?? 0) >= 0x80) start += 1;
    out.raw(bytes.subarray(start + 1, section.end));
  }
  for (const item of items) out.raw(item);
  return out.finish();
}

/**
 * Writes the module anew. Its memory becomes an import, so that the memory with the words can be
 * imported behind it without a shift of any index; the global with the word's address comes last
 * of the globals for the same reason.
 */
export function rewriteModule(
  bytes: Uint8Array,
  info: ModuleInfo,
  memory: { minimum: number; maximum: number },
  interruptible: boolean,
): Uint8Array<ArrayBuffer> {
  const memoryImport = new ByteWriter().name(HOST_MODULE).name(MEMORY_IMPORT);
  memoryImport.u8(2).u8(1).u32(memory.minimum).u32(memory.maximum);
  const imports = [memoryImport.finish()];
  const replaced = new Map<number, Uint8Array | undefined>([[SECTION.memory, undefined]]);
  if (info.tables.length > 0) replaced.set(SECTION.table, cappedTables(info.tables));

  if (interruptible) {
    const words = new ByteWriter().name(HOST_MODULE).name(INTERRUPTS_IMPORT);
    imports.push(words.u8(2).u8(3).u32(INTERRUPT_PAGES).u32(INTERRUPT_PAGES).finish());
    const slot = Uint8Array.of(0x7f, 1, 0x41, 0, 0x0b); // (mut i32) i32.const 0 end
    const slotExport = new ByteWriter().name(SLOT_EXPORT).u8(3).u32(info.globals).finish();
    const globals = info.globals; // no global can be imported, so all are in the section
    replaced.set(SECTION.global, appended(bytes, info, SECTION.global, globals, [slot]));
    const exports = appended(bytes, info, SECTION.export, info.exports.length, [slotExport]);
    replaced.set(SECTION.export, exports);
    replaced.set(SECTION.code, instrumentedCode(bytes, info.bodies, info.globals));
  }
  replaced.set(SECTION.import, appended(bytes, info, SECTION.import, info.imports.length, imports));

  const kept = new Map(info.sections.map(({ id, start, end }) => [id, bytes.subarray(start, end)]));
  const code = replaced.get(SECTION.code)?.length ?? 0;
  const out = new ByteWriter(bytes.length + code + 256).raw(bytes.subarray(0, 8));
  for (const id of SECTION_ORDER) {
    const payload = replaced.has(id) ? replaced.get(id) : kept.get(id);
    if (payload !== undefined) out.section(id, payload);
  }
  const names = info.customSections.find(({ name }) => name === 'name');
  if (names !== undefined) {
    const content = bytes.subarray(names.start, names.end);
    out.section(0, new ByteWriter(content.length + 8).name('name').raw(content).finish());
  }
  return out.finish();
}

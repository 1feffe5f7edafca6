import { WasmstateError } from '../../error.ts';
import type { CustomSectionInfo, ModuleInfo, SectionInfo } from './module-info.ts';
import { ByteReader } from './reader.ts';
import { SECTION_ORDER } from './section-order.ts';
import { SectionParser } from './section-parser.ts';

const MAGIC = 0x0061736d;
const CORE_VERSION = 1;
/** Bytes 4 to 7 of a component: version 13, layer 1. */
const COMPONENT_VERSION = 0x1000d;

function checkPreamble(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== MAGIC) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      'not a WebAssembly module: it does not begin with \\0asm and a version (byte 0x0)',
    );
  }
  const version = view.getUint32(4, true);
  if (version === COMPONENT_VERSION) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      'a WebAssembly component, where a core module is needed (byte 0x4): build the guest for a target such as wasm32-wasip1',
    );
  }
  if (version !== CORE_VERSION) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      `WebAssembly version ${version} is not known, only version 1 (byte 0x4)`,
    );
  }
}

/** Cuts the module into its sections; their order and uniqueness are checked. */
function readSections(bytes: Uint8Array): {
  sections: SectionInfo[];
  customSections: CustomSectionInfo[];
} {
  const reader = new ByteReader(bytes, 8);
  const sections: SectionInfo[] = [];
  const customSections: CustomSectionInfo[] = [];
  let last = -1;
  while (!reader.done) {
    const offset = reader.at;
    const id = reader.u8();
    const part = reader.part();
    if (id === 0) {
      const name = part.name();
      customSections.push({ id, name, start: part.at, end: part.end });
      continue;
    }
    const order = SECTION_ORDER.indexOf(id);
    if (order < 0) reader.fail(`an unknown section (${id})`, offset);
    if (order <= last) reader.fail(`section ${id} out of order or twice`, offset);
    last = order;
    sections.push({ id, start: part.at, end: part.end });
  }
  return { sections, customSections };
}

/**
 * Reads a module's sections and steps over its code, in linear time and without running or
 * compiling anything. The bytes are only read; nothing of them is kept.
 *
 * What a host refuses is not refused here: `features` says that it is there. Where a feature
 * changes how the rest must be read (garbage-collected types, for one), reading stops there and
 * `complete` is false.
 *
 * @throws WasmstateError MODULE_REFUSED with the offset, where the bytes are no module.
 */
export function inspectModule(bytes: Uint8Array): ModuleInfo {
  checkPreamble(bytes);
  const { sections, customSections } = readSections(bytes);
  const parser = new SectionParser();
  let complete = true;
  for (const { id, start, end } of sections) {
    const reader = new ByteReader(bytes, start, end);
    complete = parser.read(id, reader);
    if (!complete) break;
    if (!reader.done) reader.fail(`section ${id} is longer than its content`);
  }
  return { complete, ...parser.result(), sections, customSections };
}

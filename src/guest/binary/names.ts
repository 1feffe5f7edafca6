import { WasmstateError } from '../../error.ts';
import type { ModuleInfo } from './module-info.ts';
import { ByteReader } from './reader.ts';

/** The subsection of function names in the custom section `name`. */
const FUNCTION_NAMES = 1;

/**
 * Names of functions by index, out of the module's `name` section. The section is for people and
 * has no say in what a module does, so a broken one gives the names before the fault.
 */
export function functionNames(bytes: Uint8Array, info: ModuleInfo): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const section = info.customSections.find(({ name }) => name === 'name');
  if (section === undefined) return names;
  const reader = new ByteReader(bytes, section.start, section.end);
  try {
    while (!reader.done) {
      const id = reader.u8();
      const part = reader.part();
      if (id !== FUNCTION_NAMES) continue;
      for (let left = part.u32(); left > 0; left--) names.set(part.u32(), part.name());
    }
  } catch (error) {
    if (!(error instanceof WasmstateError)) throw error;
  }
  return names;
}

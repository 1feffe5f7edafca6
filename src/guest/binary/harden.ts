import { WasmstateError } from '../../error.ts';
import { inspectModule } from './inspect.ts';
import { MAX_MODULE_BYTES, MAX_PAGES, PAGE_BYTES } from './limits.ts';
import type { FunctionSignature, ModuleInfo } from './module-info.ts';
import { findProblems } from './problems.ts';
import { rewriteModule } from './rewrite.ts';

export interface HardenOptions {
  /** How far the guest's linear memory may grow, in bytes; rounded down to whole pages. */
  readonly memoryLimit: number;
  /** Whether checks are put into the code, so that a call past its limit ends where it is. */
  readonly interruptible: boolean;
  /** Why a function may not be imported, or undefined where it may. */
  readonly allowedImports: (
    module: string,
    name: string,
    signature: FunctionSignature,
  ) => string | undefined;
  /** What else a module must have; each problem is listed with those found here. */
  readonly requirements?: (info: ModuleInfo) => readonly string[];
}

export interface HardenedModule {
  /**
   * What to compile. It is instantiated with `wasmstate.memory`, a memory of the limits below,
   * and where it is interruptible with `wasmstate.interrupts`: see Meter in ../meter.ts.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The guest's memory, in pages of 64 KiB. */
  readonly memory: { readonly minimum: number; readonly maximum: number };
  readonly interruptible: boolean;
  /** Of the module as it came. */
  readonly info: ModuleInfo;
}

/**
 * Makes a module harmless before anything of it runs: everything in it that the host cannot
 * limit or stop is refused, its memory and tables are capped, and with `interruptible` its loops
 * and functions look at a word that another thread may set (../meter.ts).
 *
 * Function, table and global indexes stay what they were, so the name section stays right; other
 * custom sections are left out. `bytes` are only read. Time is linear in their number.
 *
 * @throws WasmstateError MODULE_REFUSED, with every problem that was found and where it is.
 */
export function hardenModule(bytes: Uint8Array, options: HardenOptions): HardenedModule {
  if (bytes.length > MAX_MODULE_BYTES) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      `the module has ${bytes.length} bytes, more than the ${MAX_MODULE_BYTES} that the host loads: strip it of debugging information`,
    );
  }
  const info = inspectModule(bytes);
  const limitPages = Math.min(Math.floor(options.memoryLimit / PAGE_BYTES), MAX_PAGES);
  const problems = [
    ...findProblems(bytes, info, limitPages, options.allowedImports),
    ...(options.requirements?.(info) ?? []),
  ];
  const memory = info.memories[0];
  if (problems.length > 0 || memory === undefined) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      `the host does not load this module: ${problems.join('; ')}`,
    );
  }
  const capped = {
    minimum: memory.minimum,
    maximum: Math.min(memory.maximum ?? limitPages, limitPages),
  };
  return {
    bytes: rewriteModule(bytes, info, capped, options.interruptible),
    memory: capped,
    interruptible: options.interruptible,
    info,
  };
}

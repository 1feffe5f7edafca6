import { WasmstateError } from '../error.ts';
import { hardenModule } from './binary/harden.ts';
import type { ModuleInfo } from './binary/module-info.ts';
import {
  exportedMethods,
  exportProblems,
  importRefusal,
  importsKv,
  mayBeSuspended,
  recogniseDialect,
} from './check-contract.ts';
import type { Dialect } from './dialect.ts';
import { daprDialect } from './dialect-dapr.ts';
import { dialectNamed, type GuestModule } from './guest-module.ts';

export interface LoadOptions {
  /** Of the plugin. */
  readonly name: string;
  /** Of the bytes, SHA-256 in lower-case hexadecimal digits. */
  readonly digest: string;
  readonly dialect: 'auto' | Dialect['name'];
  readonly kvGranted: boolean;
  /** Bytes. */
  readonly memoryLimit: number;
  /** Instrument the code so that a call past its deadline ends in place. */
  readonly interrupt: boolean;
}

/**
 * Checks a module before anything of it runs, and compiles it. Throws MODULE_REFUSED that
 * lists every reason.
 */
export function loadModule(bytes: Uint8Array, options: LoadOptions): GuestModule {
  const { name, digest } = options;
  const dialectOf = (info: ModuleInfo): Dialect | undefined =>
    options.dialect === 'auto' ? recogniseDialect(info) : dialectNamed(options.dialect);
  try {
    const hardened = hardenModule(bytes, {
      memoryLimit: options.memoryLimit,
      interruptible: options.interrupt,
      allowedImports: importRefusal(options.kvGranted),
      requirements: (info) => exportProblems(info, dialectOf(info)),
    });
    const { info } = hardened;
    const dialect = dialectOf(info) ?? daprDialect;
    return {
      name,
      digest,
      module: new WebAssembly.Module(hardened.bytes),
      memory: hardened.memory,
      dialect: dialect.name,
      methods: exportedMethods(info, dialect),
      importsKv: importsKv(info),
      suspends: mayBeSuspended(info),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WasmstateError('MODULE_REFUSED', `plugin ${name}: ${reason}`, {
      cause: error instanceof WasmstateError ? undefined : error,
    });
  }
}

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Manifest } from './manifest.ts';
import { WasmstateError } from '../error.ts';

/** Far above what compilers make for a store; a larger file is a mistake. */
const MAX_MODULE = 256 * 1024 ** 2;

export interface ModuleFile {
  readonly bytes: Uint8Array;
  /** SHA-256 in lower-case hexadecimal digits. */
  readonly digest: string;
}

/** Reads a plugin's module. Throws CONFIG_INVALID where it is missing or another than stated. */
export async function readModule({ name, module, sha256 }: Manifest): Promise<ModuleFile> {
  let bytes: Buffer;
  try {
    const { size } = await stat(module);
    if (size > MAX_MODULE) throw new Error(`${size} bytes are more than ${MAX_MODULE}`);
    bytes = await readFile(module);
  } catch (cause) {
    throw new WasmstateError(
      'CONFIG_INVALID',
      `plugin ${name}: module ${module} cannot be read; build it or mend \`module\` in plugin.yaml`,
      { cause },
    );
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined && sha256 !== digest) {
    throw new WasmstateError(
      'MODULE_REFUSED',
      `plugin ${name}: module ${module} has the SHA-256 ${digest}, plugin.yaml asks for ${sha256}`,
    );
  }
  return { bytes, digest };
}

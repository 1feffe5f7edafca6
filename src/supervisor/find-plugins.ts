import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultManifest, MANIFEST_FILE, readManifest, type Manifest } from '../config/manifest.ts';
import { WasmstateError } from '../error.ts';

/** A plugin in the folder: its manifest, or why it has none that can be used. */
export type FoundPlugin =
  | { readonly name: string; readonly manifest: Manifest }
  | { readonly name: string; readonly error: WasmstateError };

/** daprd makes the component type of the socket's name in lower case, up to its last dot. */
const NAME = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/;

/**
 * Every plugin of a folder, by name: subfolders with a manifest, and bare modules. Anything
 * else is left alone. Throws CONFIG_INVALID where the folder cannot be read.
 */
export async function findPlugins(folder: string): Promise<readonly FoundPlugin[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new WasmstateError(
      'CONFIG_INVALID',
      `plugins folder ${folder} cannot be read; make it or name another with --plugins`,
      { cause },
    );
  }
  const found = new Map<string, FoundPlugin>();
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const bare = entry.name.endsWith('.wasm');
    if (!bare && !existsSync(join(path, MANIFEST_FILE))) continue;
    const name = bare ? entry.name.slice(0, -'.wasm'.length) : entry.name;
    const twin = found.has(name);
    found.set(
      name,
      twin
        ? {
            name,
            error: new WasmstateError(
              'CONFIG_INVALID',
              `${path}: there is a folder ${name} as well; keep one of them`,
            ),
          }
        : await inspect(name, path, bare),
    );
  }
  return [...found.values()];
}

async function inspect(name: string, path: string, bare: boolean): Promise<FoundPlugin> {
  if (!NAME.test(name)) {
    return {
      name,
      error: new WasmstateError(
        'CONFIG_INVALID',
        `${path}: "${name}" cannot become a Dapr component type; use lower-case letters, digits, - and _`,
      ),
    };
  }
  try {
    return { name, manifest: bare ? defaultManifest(name, path) : await readManifest(name, path) };
  } catch (error) {
    if (error instanceof WasmstateError) return { name, error };
    throw error;
  }
}

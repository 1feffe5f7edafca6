import type { Manifest } from '../config/manifest.ts';
import type { ModuleFile } from '../config/read-module.ts';
import { WasmstateError } from '../error.ts';
import type { ModuleSource } from '../thread/messages.ts';
import type { LoadedModules } from './loaded-modules.ts';

/** What a plugin is made of: enough to start a thread for it again and again. */
export interface Edition {
  readonly manifest: Manifest;
  /** Of the module. */
  readonly digest: string;
  readonly source: ModuleSource;
}

/** A module that is loaded already is not loaded again. */
export function editionOf(manifest: Manifest, file: ModuleFile, modules: LoadedModules): Edition {
  const { digest } = file;
  const loaded = modules.get(manifest, digest);
  return { manifest, digest, source: loaded === undefined ? { file } : { loaded } };
}

/** Throws where nobody has agreed that `next` takes the place of what is served. */
export function requireReloadable(served: Edition, next: Manifest): void {
  if (next.reload === true || (next.reload === undefined && !holdsState(served))) return;
  const why =
    next.reload === false
      ? 'its plugin.yaml says `reload: false`'
      : 'it holds its state itself and would lose it; add `reload: true` to its plugin.yaml, or restart wasmstate';
  throw new WasmstateError(
    'CONFIG_INVALID',
    `plugin ${next.name} has changed on disk and is not reloaded, as ${why}`,
  );
}

/** Whether state lives in the guest's own memory. */
export function holdsState({ manifest, source }: Edition): boolean {
  if (manifest.state !== undefined) return manifest.state === 'guest';
  return 'loaded' in source && !source.loaded.module.importsKv;
}

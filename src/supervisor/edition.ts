import type { Manifest } from '../config/manifest.ts';
import { WasmstateError } from '../error.ts';
import type { ModuleSource } from '../thread/messages.ts';

/** What a plugin is made of: enough to start a thread for it again and again. */
export interface Edition {
  readonly manifest: Manifest;
  /** Of the module. */
  readonly digest: string;
  readonly source: ModuleSource;
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
function holdsState({ manifest, source }: Edition): boolean {
  if (manifest.state !== undefined) return manifest.state === 'guest';
  return 'loaded' in source && !source.loaded.module.importsKv;
}

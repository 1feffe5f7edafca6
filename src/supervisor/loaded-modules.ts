import type { LoadedPlugin } from '../component/load-plugin.ts';
import type { Manifest } from '../config/manifest.ts';

/** Editions of modules that are kept for the next plugin or reload that needs them. */
const MOST = 32;

/**
 * Modules that a thread has checked, instrumented, compiled and tried, by their digest and by
 * what of the manifest that depends on: they are posted to later threads as they are.
 */
export class LoadedModules {
  readonly #loaded = new Map<string, LoadedPlugin>();

  get(manifest: Manifest, digest: string): LoadedPlugin | undefined {
    const found = this.#loaded.get(key(manifest, digest));
    // Another plugin may have loaded the same bytes; messages name the one that uses them.
    return found && { ...found, module: { ...found.module, name: manifest.name } };
  }

  put(manifest: Manifest, loaded: LoadedPlugin): void {
    this.#loaded.set(key(manifest, loaded.module.digest), loaded);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loaded.size <= MOST) return;
      this.#loaded.delete(oldest);
    }
  }
}

function key({ dialect, kv, limits, interrupt, env }: Manifest, digest: string): string {
  return JSON.stringify([digest, dialect, kv !== undefined, limits.memory, interrupt, env]);
}

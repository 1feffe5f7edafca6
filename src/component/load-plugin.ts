import type { Manifest } from '../config/manifest.ts';
import type { ModuleFile } from '../config/read-module.ts';
import type { GuestModule } from '../guest/guest-module.ts';
import { loadModule } from '../guest/load.ts';
import type { Meter } from '../guest/meter.ts';
import { probe } from '../guest/probe.ts';
import type { Logger } from '../observe/log.ts';
import { initCall, sharedHost } from './plugin-host.ts';

/** The longest that checking and compiling a module may take, in ms. */
const LOAD_LIMIT = 60_000;

/** A plugin that is compiled and tried. Plain data: it crosses threads as it is. */
export interface LoadedPlugin {
  readonly module: GuestModule;
  /** The guest's answer to Features before any Init; absent where it gives none. */
  readonly features?: Uint8Array | undefined;
}

/** Checks, compiles and tries a plugin's module. Throws MODULE_REFUSED, or as a call does. */
export async function loadPlugin(
  manifest: Manifest,
  file: ModuleFile,
  logger: Logger,
  meter: Meter,
): Promise<LoadedPlugin> {
  const module = compile(manifest, file, meter);
  const { features, methods } = await probe(
    module,
    sharedHost(manifest, logger, meter),
    initCall(manifest),
  );
  return { module: { ...module, methods }, features };
}

function compile(manifest: Manifest, { bytes, digest }: ModuleFile, meter: Meter): GuestModule {
  using loading = meter.take();
  loading.arm(LOAD_LIMIT);
  return loadModule(bytes, {
    name: manifest.name,
    digest,
    dialect: manifest.dialect,
    kvGranted: manifest.kv !== undefined,
    memoryLimit: manifest.limits.memory,
    interrupt: manifest.interrupt,
  });
}

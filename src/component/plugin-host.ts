import { CONTRADICTION, contradictions } from '../config/guest-state.ts';
import type { Manifest } from '../config/manifest.ts';
import { WasmstateError } from '../error.ts';
import type { GuestCall } from '../guest/guest-call.ts';
import type { GuestModule } from '../guest/guest-module.ts';
import type { InstanceHost } from '../guest/link.ts';
import type { Meter } from '../guest/meter.ts';
import { LineRate } from '../guest/output-lines.ts';
import type { Keyspaces } from '../kv/keyspaces.ts';
import type { Logger } from '../observe/log.ts';

/** daprd's own limit on what it receives, in bytes; a longer answer would break the call. */
const MAX_RESPONSE = 4 * 1024 ** 2;

/** What every instance of a plugin gets, whatever component it serves. */
export type SharedHost = Omit<InstanceHost, 'keyspace'>;

/** One loaded plugin and everything that its components share in this thread. */
export interface PluginHost {
  readonly manifest: Manifest;
  readonly module: GuestModule;
  readonly state: 'guest' | 'host';
  readonly keyspaces: Keyspaces;
  readonly logger: Logger;
  readonly guest: SharedHost;
}

export interface PluginHostOptions {
  readonly manifest: Manifest;
  readonly module: GuestModule;
  readonly keyspaces: Keyspaces;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Throws CONFIG_INVALID where the manifest asks for a pool that the guest's state cannot have. */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  const { manifest, module, keyspaces, logger, meter } = options;
  const state = manifest.state ?? (module.importsKv ? 'host' : 'guest');
  const [field] = state === 'guest' ? contradictions(manifest.pool) : [];
  if (field !== undefined) {
    throw new WasmstateError(
      'CONFIG_INVALID',
      `plugin ${manifest.name}: pool.${field}: ${CONTRADICTION}`,
    );
  }
  return {
    manifest,
    module,
    state,
    keyspaces,
    logger,
    guest: sharedHost(manifest, logger, meter),
  };
}

export function sharedHost(manifest: Manifest, logger: Logger, meter: Meter): SharedHost {
  return {
    logger: logger.child('guest'),
    lineRate: new LineRate(manifest.limits.logLines),
    env: manifest.env,
    meter,
    maxResponse: MAX_RESPONSE,
  };
}

/** A call that starts or initialises a guest. */
export function initCall({ limits }: Manifest): GuestCall {
  return { deadline: performance.now() + limits.init, limit: limits.init };
}

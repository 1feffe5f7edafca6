import { WasmstateError } from '../error.ts';
import type { Keyspace } from '../kv/contract.ts';
import type { Logger } from '../observe/log.ts';
import type { GuestCall } from './guest-call.ts';
import { GuestError } from './guest-error.ts';
import { dialectNamed, type GuestModule } from './guest-module.ts';
import { Instance } from './instance.ts';
import type { InstanceHost } from './link.ts';
import type { Method } from './methods.ts';

const API_VERSION = 1n;

/** What only running a guest tells, before any component uses it. */
export interface Probed {
  /** Its answer to Features before Init; undefined where it gives none. */
  readonly features: Uint8Array | undefined;
  /** The exported methods that are there to be called. */
  readonly methods: readonly Method[];
}

/**
 * Starts a module once, to see that it keeps the calling convention's version and what it
 * supports, which gRPC reflection needs before the first Init. Stubs of go-plugin export
 * services that the guest has not registered, and trap when they are called; Features tells of
 * all but MultiMaxSize, so that is tried.
 */
export async function probe(
  module: GuestModule,
  host: Omit<InstanceHost, 'keyspace'>,
  call: GuestCall,
): Promise<Probed> {
  const quiet = { ...host, keyspace: beforeInit, logger: atDebug(host.logger) };
  const instance = await Instance.start(module, quiet, call);
  try {
    for (const name of dialectNamed(module.dialect).versionExports) {
      const version = instance.apiVersion(name);
      if (version !== API_VERSION) {
        throw new WasmstateError(
          'MODULE_REFUSED',
          `plugin ${module.name}: ${name} answers version ${version}, the host speaks ${API_VERSION}`,
        );
      }
    }
    const ask = async (method: Method): Promise<Uint8Array | WasmstateError | undefined> => {
      if (!module.methods.includes(method)) return undefined;
      try {
        return await instance.call(method, new Uint8Array(), call);
      } catch (error) {
        if (error instanceof WasmstateError) return error;
        throw error;
      }
    };
    const features = await ask('Features');
    const size = await ask('MultiMaxSize');
    const isRegistered = !(size instanceof WasmstateError) || size instanceof GuestError;
    return {
      features: features instanceof WasmstateError ? undefined : features,
      methods: module.methods.filter((method) => method !== 'MultiMaxSize' || isRegistered),
    };
  } finally {
    instance.dispose();
  }
}

/** What a guest prints while it is probed is no news to anybody. */
function atDebug(logger: Logger): Logger {
  const debug: Logger['debug'] = (msg, fields) => logger.debug(msg, fields);
  return { debug, info: debug, warn: debug, error: debug, child: () => atDebug(logger) };
}

const refuse = (): never => {
  throw new WasmstateError('GUEST_FAILED', 'the key-value capability was used before Init');
};

const beforeInit: Keyspace = {
  limits: { keySize: 0, valueSize: 0, commitOperations: 0, commitSize: 0 },
  get: refuse,
  commit: refuse,
  scan: refuse,
  close: async () => {},
};

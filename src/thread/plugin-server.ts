import { setTimeout as delay } from 'node:timers/promises';
import { Components, type RememberInit } from '../component/components.ts';
import { decodeFeatures, supportedMethods, truthfulFeatures } from '../component/features.ts';
import { loadPlugin, type LoadedPlugin } from '../component/load-plugin.ts';
import { createPluginHost } from '../component/plugin-host.ts';
import { WasmstateError } from '../error.ts';
import type { Meter } from '../guest/meter.ts';
import { METHODS, type Method } from '../guest/methods.ts';
import { createKeyspaces, type Keyspaces } from '../kv/keyspaces.ts';
import type { Logger } from '../observe/log.ts';
import { stateStoreServices } from '../service/state-store.ts';
import { GrpcServer } from '../transport/grpc-server.ts';
import type { Assignment, RememberedInit } from './messages.ts';

/** The longest that calls whose connections are gone are waited for, in ms. */
const LEFTOVERS = 250;

/** One plugin from the socket to the guest, all in this thread. */
export class PluginServer {
  readonly loaded: LoadedPlugin;
  readonly #grpc: GrpcServer;
  readonly #components: Components;
  readonly #keyspaces: Keyspaces;

  private constructor(
    loaded: LoadedPlugin,
    grpc: GrpcServer,
    components: Components,
    keyspaces: Keyspaces,
  ) {
    this.loaded = loaded;
    this.#grpc = grpc;
    this.#components = components;
    this.#keyspaces = keyspaces;
  }

  /** Loads, restores every component and listens: whoever connects then finds all in place. */
  static async start(
    { manifest, source, stagingPath, dataFolder, inits, strict }: Assignment,
    logger: Logger,
    meter: Meter,
    remember: RememberInit,
  ): Promise<PluginServer> {
    const loaded =
      'loaded' in source ? source.loaded : await loadPlugin(manifest, source.file, logger, meter);
    const { module } = loaded;
    const keyspaces = createKeyspaces({ dataFolder });
    const host = createPluginHost({ manifest, module, keyspaces, logger, meter });
    const components = new Components(host, remember);
    const failures = await Promise.all(
      inits.map(({ component, request }) => components.restore(component, request)),
    );
    const failure = failures.find((error) => error !== undefined);
    if (strict && failure !== undefined) {
      await components.close();
      await keyspaces.close();
      throw failure;
    }
    const grpc = new GrpcServer({
      services: stateStoreServices(components, servedMethods(loaded)),
      maxRequest: manifest.limits.request,
    });
    await grpc.listen(stagingPath);
    return new PluginServer(loaded, grpc, components, keyspaces);
  }

  async restore({ component, request }: RememberedInit): Promise<void> {
    await this.#components.restore(component, request);
  }

  /** Ends the calls that were taken, within `grace` ms, and lets go of everything. */
  async close(grace: number): Promise<void> {
    await this.#grpc.close(grace);
    // Nobody waits any more for what still runs, if anything does.
    await Promise.race([this.#components.close(), delay(LEFTOVERS)]);
    await this.#keyspaces.close();
  }
}

/** Listens in a plugin's place and fails every call with the reason. */
export async function serveRefusal(stagingPath: string, reason: string): Promise<GrpcServer> {
  const refuse = (): never => {
    throw new WasmstateError('UNAVAILABLE', reason);
  };
  const grpc = new GrpcServer({
    services: stateStoreServices({ init: refuse, call: refuse }, new Set(METHODS)),
    maxRequest: -1,
    healthy: false,
  });
  await grpc.listen(stagingPath);
  return grpc;
}

/** A guest that tells its features only after Init is served as far as its exports go. */
function servedMethods({ module, features }: LoadedPlugin): ReadonlySet<Method> {
  const exported = new Set(module.methods);
  const announced = features === undefined ? undefined : decodeFeatures(features);
  return supportedMethods(exported, truthfulFeatures(announced, exported));
}

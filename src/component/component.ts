import type { CancelSignal } from '../cancel-signal.ts';
import { InitRequest } from '../gen/dapr/proto/components/v1/state.ts';
import { decodeRequest } from '../guest/decode.ts';
import { restOf, type GuestCall } from '../guest/guest-call.ts';
import { Instance, type MaybePromise } from '../guest/instance.ts';
import type { InstanceHost } from '../guest/link.ts';
import type { Method } from '../guest/methods.ts';
import { answerTooLong } from '../guest/read-result.ts';
import type { Keyspace } from '../kv/contract.ts';
import { errorText } from '../observe/log.ts';
import { Pool } from '../pool/pool.ts';
import { WasmstateError } from '../error.ts';
import { bulkFromSingles, type Bulk } from './bulk-from-singles.ts';
import type { CallContext } from './call-context.ts';
import { decodeFeatures, encodeFeatures, supportedMethods, truthfulFeatures } from './features.ts';
import { initCall, type PluginHost } from './plugin-host.ts';

const EMPTY = new Uint8Array();
const DEFAULT_POOL_MAX = 16;

/**
 * One use of a plugin: the instances that serve it and the keyspace that they share. Its
 * properties reach the guest in Init, all but those that begin with `kv.`.
 */
export class Component {
  readonly #host: PluginHost;
  readonly #pool: Pool;
  readonly #keyspace: Keyspace | undefined;
  readonly #exported: ReadonlySet<Method>;
  #features: ReadonlySet<string> = new Set();
  #supported: ReadonlySet<Method> = new Set();
  /** Instances that had to be replaced. */
  #losses = 0;

  private constructor(host: PluginHost, name: string, init: Uint8Array, keyspace?: Keyspace) {
    const { manifest, module, logger } = host;
    this.#host = host;
    this.#keyspace = keyspace;
    this.#exported = new Set(module.methods);
    const instanceHost: InstanceHost = {
      ...host.guest,
      logger: logger.child('guest', { component: name }),
      keyspace,
    };
    const initialise = (instance: Instance): MaybePromise<Instance> => {
      if (!this.#exported.has('Init')) return instance;
      return instance.onceDone(() => instance.call('Init', init, this.#initCall()));
    };
    this.#pool = new Pool({
      name: `component "${name}" of plugin ${manifest.name}`,
      max: host.state === 'guest' ? 1 : (manifest.pool.max ?? DEFAULT_POOL_MAX),
      queue: manifest.limits.queue,
      maxCalls: manifest.pool.maxCalls,
      maxMemory: manifest.pool.maxMemory ?? 0,
      idle: manifest.pool.idle,
      create: () => {
        const started = Instance.start(module, instanceHost, this.#initCall());
        return started instanceof Promise ? started.then(initialise) : initialise(started);
      },
      onFailure: (failure) => {
        this.#losses += 1;
        logger.error(
          host.state === 'guest'
            ? 'the instance was replaced and the state that it held is lost'
            : 'an instance was replaced; its state lives in the host and nothing is lost',
          { component: name, losses: this.#losses, error: errorText(failure) },
        );
      },
    });
  }

  /**
   * Initialises a component from Dapr's InitRequest. Fails with what the guest or the engine
   * said, leaving nothing behind.
   */
  static async open(host: PluginHost, name: string, request: Uint8Array): Promise<Component> {
    const { manifest, module } = host;
    const message = decodeRequest(InitRequest, 'InitRequest', request);
    const properties = message.metadata?.properties ?? {};
    let keyspace: Keyspace | undefined;
    let guestRequest = request;
    if (module.importsKv) {
      // Its schema library stays out of threads whose plugin keeps nothing in the host.
      const { splitKvProperties } = await import('../config/kv-settings.ts');
      const { settings, guestProperties } = splitKvProperties(manifest.kv, properties);
      guestRequest = InitRequest.encode({
        metadata: { properties: guestProperties },
      }).finish();
      keyspace = await host.keyspaces.open(settings, { plugin: manifest.name, component: name });
      if (keyspace.caution !== undefined) {
        host.logger.warn('acknowledged state may get lost', {
          component: name,
          reason: keyspace.caution,
        });
      }
    } else {
      refuseKvProperties(manifest.name, Object.keys(properties));
    }
    const component = new Component(host, name, guestRequest, keyspace);
    try {
      await component.#pool.fill();
      await component.#learnFeatures();
    } catch (error) {
      await component.close();
      throw error;
    }
    return component;
  }

  /** What Features answers. */
  get features(): ReadonlySet<string> {
    return this.#features;
  }

  /** Answers one RPC of an initialised component with Dapr's response bytes. */
  call(method: Method, request: Uint8Array, context: CallContext): MaybePromise<Uint8Array> {
    if (!this.#supported.has(method)) {
      throw new WasmstateError(
        'UNSUPPORTED',
        `plugin ${this.#host.manifest.name} does not support ${method}`,
      );
    }
    if (method === 'Features') return encodeFeatures(this.#features);
    const call = this.#guestCall(context);
    if (this.#exported.has(method)) return this.#pool.call(method, request, call);
    // Being here and answering is all that Ping asks.
    if (method === 'Ping') return EMPTY;
    const bulk = bulkFromSingles[method];
    if (bulk === undefined) throw new WasmstateError('UNSUPPORTED', `${method} is not exported`);
    return this.#pool.use(call, (instance, rest) => this.#bulk(bulk, request, instance, rest));
  }

  /** Lets calls in flight end and lets go of everything. */
  async close(): Promise<void> {
    await this.#pool.close();
    await this.#keyspace?.close();
  }

  /** Many calls of one instance, which together have the time of one. */
  async #bulk(
    bulk: Bulk,
    request: Uint8Array,
    instance: Instance,
    call: GuestCall,
  ): Promise<Uint8Array> {
    const response = await bulk(request, (single, item) =>
      instance.call(single, item, restOf(call, 'between its items')),
    );
    const { maxResponse } = this.#host.guest;
    if (response.length > maxResponse) throw answerTooLong(response.length, maxResponse);
    return response;
  }

  async #learnFeatures(): Promise<void> {
    const announced = this.#exported.has('Features')
      ? decodeFeatures(await this.#pool.call('Features', EMPTY, this.#initCall()))
      : undefined;
    this.#features = truthfulFeatures(announced, this.#exported);
    this.#supported = supportedMethods(this.#exported, this.#features);
  }

  /**
   * A guest that holds the state itself is never ended for a caller's impatience, only for
   * reaching its own limit: ending it would lose the state of everybody.
   */
  #guestCall(context: CallContext): GuestCall {
    const limit = this.#host.manifest.limits.call;
    const now = performance.now();
    if (this.#host.state === 'guest') return { deadline: now + limit, limit };
    const deadline = Math.min(now + limit, context.deadline);
    return new LimitedCall(deadline, deadline - now, context);
  }

  #initCall(): GuestCall {
    return initCall(this.#host.manifest);
  }
}

/** Reads the caller's signal only when it is asked for. */
class LimitedCall implements GuestCall {
  readonly deadline: number;
  readonly limit: number;
  readonly #context: CallContext;

  constructor(deadline: number, limit: number, context: CallContext) {
    this.deadline = deadline;
    this.limit = limit;
    this.#context = context;
  }

  get signal(): CancelSignal | undefined {
    return this.#context.signal;
  }
}

/** They are for the host, and may hold secrets: a guest that has no keyspace must not get them. */
function refuseKvProperties(plugin: string, names: readonly string[]): void {
  const property = names.find((name) => name.startsWith('kv.'));
  if (property === undefined) return;
  throw new WasmstateError(
    'CONFIG_INVALID',
    `${property}: plugin ${plugin} does not use the key-value capability; remove the property`,
  );
}

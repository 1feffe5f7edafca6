import { WasmstateError } from '../error.ts';
import type { MaybePromise } from '../guest/instance.ts';
import type { Method } from '../guest/methods.ts';
import { errorText } from '../observe/log.ts';
import type { CallContext } from './call-context.ts';
import { Component } from './component.ts';
import type { PluginHost } from './plugin-host.ts';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

/** A component whose Init succeeded once and could not be repeated here so far. */
interface Unrestored {
  readonly request: Uint8Array;
  readonly error: unknown;
  /** On performance.now()'s clock: from when a call may try again. */
  readonly retryAt: number;
  readonly pause: number;
}

/** Told of an Init before it is acknowledged; what it throws fails the Init. */
export type RememberInit = (component: string, request: Uint8Array) => Promise<void>;

/** The components of one plugin, by name. The empty name is a component like any other. */
export class Components {
  readonly #host: PluginHost;
  readonly #remember: RememberInit;
  readonly #open = new Map<string, Component>();
  readonly #unrestored = new Map<string, Unrestored>();
  /** Of each name, the Init under way: they follow one another. */
  readonly #initialising = new Map<string, Promise<void>>();

  constructor(host: PluginHost, remember: RememberInit) {
    this.#host = host;
    this.#remember = remember;
  }

  /**
   * Initialises or replaces a component. The one before serves until the new one is ready,
   * and to the end of the calls it has taken.
   */
  async init(name: string, request: Uint8Array): Promise<void> {
    await this.#inTurn(name, async () => {
      const component = await Component.open(this.#host, name, request);
      try {
        await this.#remember(name, request);
      } catch (error) {
        await component.close();
        throw error;
      }
      this.#put(name, component);
    });
  }

  /**
   * Repeats an Init that was acknowledged before. Where that fails, the component's calls
   * fail with the reason, which is given here too, and try again after growing pauses, so nobody
   * has to step in.
   */
  async restore(name: string, request: Uint8Array): Promise<WasmstateError | undefined> {
    await this.#inTurn(name, () => this.#tryRestore(name, request, FIRST_PAUSE));
    const failed = this.#unrestored.get(name);
    return failed && notRestored(name, failed.error);
  }

  call(method: Method, request: Uint8Array, context: CallContext): MaybePromise<Uint8Array> {
    const component = this.#open.get(context.component);
    if (component !== undefined) return component.call(method, request, context);
    const unrestored = this.#unrestored.get(context.component);
    if (unrestored === undefined) {
      throw new WasmstateError(
        'NOT_INITIALISED',
        `component "${context.component}" of plugin ${this.#host.manifest.name} was not initialised; call Init first (daprd does so when it starts or reloads the component)`,
      );
    }
    return this.#retry(context.component, unrestored).then((restored) =>
      restored.call(method, request, context),
    );
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#initialising.values());
    await Promise.all([...this.#open.values()].map((component) => component.close()));
    this.#open.clear();
  }

  async #retry(name: string, { error, retryAt }: Unrestored): Promise<Component> {
    if (performance.now() >= retryAt) {
      await this.#inTurn(name, async () => {
        const still = this.#unrestored.get(name);
        if (still !== undefined && performance.now() >= still.retryAt) {
          await this.#tryRestore(name, still.request, Math.min(still.pause * 2, LONGEST_PAUSE));
        }
      });
    }
    const component = this.#open.get(name);
    if (component !== undefined) return component;
    throw notRestored(name, this.#unrestored.get(name)?.error ?? error);
  }

  async #tryRestore(name: string, request: Uint8Array, pause: number): Promise<void> {
    try {
      this.#put(name, await Component.open(this.#host, name, request));
    } catch (error) {
      this.#unrestored.set(name, { request, error, pause, retryAt: performance.now() + pause });
      this.#host.logger.error('a component could not be initialised again', {
        component: name,
        error: errorText(error),
        retryAfterMs: pause,
      });
    }
  }

  #put(name: string, component: Component): void {
    const before = this.#open.get(name);
    this.#open.set(name, component);
    this.#unrestored.delete(name);
    before?.close().catch((error: unknown) => {
      this.#host.logger.warn('the component before a new Init did not close cleanly', {
        component: name,
        error: errorText(error),
      });
    });
  }

  async #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.#initialising.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#initialising.set(name, mine);
    try {
      await mine;
    } finally {
      if (this.#initialising.get(name) === mine) this.#initialising.delete(name);
    }
  }
}

function notRestored(name: string, reason: unknown): WasmstateError {
  return new WasmstateError(
    'UNAVAILABLE',
    `component "${name}" could not be initialised again: ${errorText(reason)}`,
  );
}

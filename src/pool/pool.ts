import { WasmstateError } from '../error.ts';
import { restOf, type GuestCall } from '../guest/guest-call.ts';
import type { Instance, MaybePromise } from '../guest/instance.ts';
import type { Method } from '../guest/methods.ts';
import { WaitingCalls } from './waiting-calls.ts';

export interface PoolOptions {
  /** Of the component; it stands in messages. */
  readonly name: string;
  /** Instances at the most. */
  readonly max: number;
  /** Calls that may wait for an instance. */
  readonly queue: number;
  /** Calls after which an instance is replaced; 0: never. */
  readonly maxCalls: number;
  /** Bytes of linear memory past which an instance is replaced; 0: never. */
  readonly maxMemory: number;
  /** Milliseconds after which an instance that nobody needed is let go; the last one stays. */
  readonly idle: number;
  /** Makes an instance that is started and initialised. */
  readonly create: () => MaybePromise<Instance>;
  /** Told when a failed instance has left the pool. */
  readonly onFailure: (failure: WasmstateError) => void;
}

interface Idle {
  readonly instance: Instance;
  /** On performance.now()'s clock. */
  readonly since: number;
}

type Work<T> = (instance: Instance, rest: GuestCall) => MaybePromise<T>;

/**
 * The instances that serve one component. A call takes an idle instance, or a new one, or
 * waits its turn; an instance is in one call at a time. Where guests never suspend, one
 * instance answers everything at once and nothing ever waits.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #waiting: WaitingCalls<Instance>;
  readonly #idle: Idle[] = [];
  #size = 0;
  /** Instances that are being made, each for a call that waits. */
  #making = 0;
  #closed = false;
  #reaper: NodeJS.Timeout | undefined;
  #drained: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#waiting = new WaitingCalls(options.name, options.queue);
  }

  /** Instances in being, busy or idle. */
  get size(): number {
    return this.#size;
  }

  /** Makes the first instance, so that the first call need not wait and Init can fail. */
  async fill(): Promise<void> {
    this.#giveBack(await this.#create());
  }

  call(method: Method, request: Uint8Array, call: GuestCall): MaybePromise<Uint8Array> {
    return this.use(call, (instance, rest) => instance.call(method, request, rest));
  }

  /**
   * Runs `work` with an instance that is nobody else's meanwhile, and with the call as far as it is
   * not over yet.
   */
  use<T>(call: GuestCall, work: Work<T>): MaybePromise<T> {
    const instance = this.#take(call);
    return instance instanceof Promise
      ? instance.then((taken) =>
          this.#work(taken, () => work(taken, restOf(call, 'while it waited for an instance'))),
        )
      : this.#work(instance, () => work(instance, call));
  }

  /** Lets calls in flight end, then lets go of every instance. Later calls fail. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#reaper);
    if (this.#size > this.#idle.length || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => (this.#drained = resolve));
    }
    for (const { instance } of this.#idle.splice(0)) this.#drop(instance);
  }

  #take(call: GuestCall): MaybePromise<Instance> {
    if (this.#closed) throw new WasmstateError('UNAVAILABLE', `${this.#options.name} is closed`);
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle.instance;
    if (this.#size < this.#options.max) {
      try {
        const instance = this.#create();
        if (!(instance instanceof Promise)) return instance;
        this.#expect(instance);
      } catch (error) {
        this.#settle();
        throw error;
      }
    }
    return this.#waiting.wait(call, this.#making);
  }

  /** An instance that is being made is for whoever waits longest by then, or for the pool. */
  #expect(instance: Promise<Instance>): void {
    this.#making += 1;
    instance.then(
      (made) => {
        this.#making -= 1;
        this.#giveBack(made);
      },
      (error: unknown) => {
        this.#making -= 1;
        this.#waiting.fail(error);
        this.#settle();
      },
    );
  }

  #work<T>(instance: Instance, work: () => MaybePromise<T>): MaybePromise<T> {
    let result: MaybePromise<T>;
    try {
      result = work();
    } catch (error) {
      this.#giveBack(instance);
      throw error;
    }
    if (!(result instanceof Promise)) {
      this.#giveBack(instance);
      return result;
    }
    // Not finally(), which makes two more promises.
    return result.then(
      (value) => {
        this.#giveBack(instance);
        return value;
      },
      (error: unknown) => {
        this.#giveBack(instance);
        throw error;
      },
    );
  }

  #create(): MaybePromise<Instance> {
    this.#size += 1;
    const failed = (error: unknown): never => {
      this.#size -= 1;
      throw error;
    };
    try {
      const instance = this.#options.create();
      return instance instanceof Promise ? instance.catch(failed) : instance;
    } catch (error) {
      return failed(error);
    }
  }

  #giveBack(instance: Instance): void {
    const { maxCalls, maxMemory } = this.#options;
    if (instance.failure !== undefined) {
      this.#drop(instance);
      this.#options.onFailure(instance.failure);
    } else if (
      (maxCalls > 0 && instance.calls >= maxCalls) ||
      (maxMemory > 0 && instance.memorySize > maxMemory)
    ) {
      this.#drop(instance);
    } else if (!this.#waiting.serve(instance)) {
      this.#idle.push({ instance, since: performance.now() });
      if (this.#idle.length > 1) this.#startReaper();
    }
    this.#settle();
  }

  /**
   * After something has changed: whoever waits longest gets a new instance if there may be one,
   * or hears why there is none, and so does the next.
   */
  #settle(): void {
    while (this.#waiting.length > this.#making && this.#size < this.#options.max) {
      try {
        const instance = this.#create();
        if (!(instance instanceof Promise)) return this.#giveBack(instance);
        this.#expect(instance);
        return;
      } catch (error) {
        this.#waiting.fail(error);
      }
    }
    if (this.#size === this.#idle.length && this.#waiting.length === 0) this.#drained?.();
  }

  #drop(instance: Instance): void {
    this.#size -= 1;
    instance.dispose();
  }

  #startReaper(): void {
    this.#reaper ??= setInterval(() => {
      const oldest = performance.now() - this.#options.idle;
      // The longest idle stand first, as the newest are taken first.
      while (this.#idle.length > 1 && (this.#idle[0]?.since ?? Infinity) < oldest) {
        const [idle] = this.#idle.splice(0, 1);
        if (idle !== undefined) this.#drop(idle.instance);
      }
      if (this.#idle.length > 1) return;
      clearInterval(this.#reaper);
      this.#reaper = undefined;
    }, this.#options.idle).unref();
  }
}

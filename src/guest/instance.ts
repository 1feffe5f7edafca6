import { WasmstateError } from '../error.ts';
import { checkResponse } from './check-response.ts';
import type { Dialect } from './dialect.ts';
import { guestFailure } from './failure.ts';
import type { GuestCall } from './guest-call.ts';
import { dialectNamed, type GuestModule } from './guest-module.ts';
import { link, NoMemory, type InstanceHost, type Linked } from './link.ts';
import type { Method } from './methods.ts';
import { readResult, type ResultRules } from './read-result.ts';
import { GuestExit } from './wasi.ts';

/** Answered at once by most guests, later by those that a host function may suspend. */
export type MaybePromise<T> = T | Promise<T>;

type Exported = (pointer: number, size: number) => MaybePromise<bigint>;

/** For what the calling convention itself needs, such as an API version. */
const BRIEF = 1000;

/** Bytes for which a guest that can go on has room. */
const SMALL = 256;

/**
 * One instantiated module with its own linear memory. Calls must not overlap: whoever calls
 * waits for the answer first. Any failure that is not the guest's own answer leaves its code
 * in the middle, so the instance has then failed and takes no more calls.
 */
export class Instance {
  readonly #module: GuestModule;
  readonly #dialect: Dialect;
  readonly #rules: ResultRules;
  readonly #linked: Linked;
  readonly #exported = new Map<Method, Exported>();
  #call: GuestCall;
  #calls = 0;
  #failure: WasmstateError | undefined;

  private constructor(module: GuestModule, host: InstanceHost, call: GuestCall) {
    this.#module = module;
    this.#call = call;
    this.#dialect = dialectNamed(module.dialect);
    this.#rules = { hasErrorBit: this.#dialect.hasErrorBit, maxResponse: host.maxResponse };
    this.#linked = link(module, host, () => this.#call);
    for (const method of module.methods) {
      const exported = this.#linked.exports[this.#dialect.exportNames[method] ?? ''] as Exported;
      this.#exported.set(
        method,
        module.suspends
          ? WebAssembly.promising(exported as (pointer: number, size: number) => bigint)
          : exported,
      );
    }
  }

  /** Instantiates and starts a guest. Throws MODULE_REFUSED or as `call` does. */
  static start(module: GuestModule, host: InstanceHost, call: GuestCall): MaybePromise<Instance> {
    let instance: Instance;
    try {
      instance = new Instance(module, host, call);
    } catch (error) {
      throw guestFailure(error, `plugin ${module.name} did not start`);
    }
    return instance.onceDone(() => instance.#runEntry(call));
  }

  /** Gives the instance when `work` in it is done, or lets go of it where that fails. */
  onceDone(work: () => MaybePromise<unknown>): MaybePromise<Instance> {
    const failed = (error: unknown): never => {
      this.dispose();
      throw error;
    };
    try {
      const done = work();
      return done instanceof Promise ? done.then(() => this, failed) : this;
    } catch (error) {
      return failed(error);
    }
  }

  /** Calls taken so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Size of the linear memory in bytes; it never shrinks. */
  get memorySize(): number {
    return this.#linked.memory.byteLength;
  }

  /** Why the instance takes no more calls. */
  get failure(): WasmstateError | undefined {
    return this.#failure;
  }

  /**
   * Calls `method` with Dapr's request bytes and gives Dapr's response bytes, which belong to
   * the caller. Throws what the guest answered (GuestError), or why the call failed.
   */
  call(method: Method, request: Uint8Array, call: GuestCall): MaybePromise<Uint8Array> {
    const exported = this.#exported.get(method);
    if (exported === undefined) {
      throw new WasmstateError('UNSUPPORTED', `plugin ${this.#module.name} has no ${method}`);
    }
    const translation = this.#dialect.translations[method];
    const bytes = translation === undefined ? request : translation.request(request);
    return this.#enter(method, exported, bytes, call);
  }

  /** What an export of the calling convention answers as its version. */
  apiVersion(exportName: string): bigint {
    const version = this.#linked.exports[exportName] as () => bigint;
    return BigInt.asUintN(64, this.#run(exportName, briefCall(), () => version()) as bigint);
  }

  dispose(): void {
    this.#linked.dispose();
  }

  /** Passes the request in and takes its memory back; it is the guest's only in between. */
  #enter(
    method: Method,
    exported: Exported,
    request: Uint8Array,
    call: GuestCall,
  ): MaybePromise<Uint8Array> {
    this.#arm(call);
    let pointer = 0;
    let packed: MaybePromise<bigint>;
    try {
      if (request.length > 0 || this.#dialect.allocatesEmpty) {
        pointer = this.#allocate(request.length);
        this.#linked.memory.bytes.set(request, pointer);
      }
      packed = exported(pointer, request.length);
      if (!(packed instanceof Promise) && pointer !== 0) this.#linked.free(pointer);
    } catch (error) {
      throw this.#failed(error, method, call);
    }
    if (!(packed instanceof Promise)) return this.#answer(method, packed);
    // One step, as each costs a promise.
    return packed.then(
      (result) => {
        try {
          if (pointer !== 0) this.#linked.free(pointer);
        } catch (error) {
          throw this.#failed(error, method, call);
        }
        return this.#answer(method, result);
      },
      (error: unknown) => {
        throw this.#failed(error, method, call);
      },
    );
  }

  #answer(method: Method, packed: bigint): Uint8Array {
    this.#linked.limit.disarm();
    const response = this.#read(method, packed);
    try {
      const translation = this.#dialect.translations[method];
      if (translation !== undefined) return translation.response(response);
      checkResponse(method, response);
      return response;
    } catch (error) {
      throw this.#fail(error, method);
    }
  }

  /** A guest that has no room for one request, but for others, has lost nothing. */
  #allocate(size: number): number {
    const { malloc, free } = this.#linked;
    try {
      return malloc(size);
    } catch (error) {
      if (!(error instanceof NoMemory)) throw error;
      free(malloc(SMALL));
      throw new RequestTooLarge(this.#module.name, size);
    }
  }

  /** From here on guest code runs under the call's limits; what it throws ends the instance. */
  #arm(call: GuestCall): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#call = call;
    this.#calls += 1;
    this.#linked.limit.arm(call.limit);
  }

  #failed(error: unknown, doing: string, call: GuestCall): WasmstateError {
    const toldToStop = this.#linked.limit.disarm();
    if (toldToStop && !endedSuspended(error)) {
      return this.#fail(new StoppedAtLimit(call.limit), doing);
    }
    return error instanceof RequestTooLarge ? error : this.#fail(error, doing);
  }

  /** Runs guest code other than a method. */
  #run<T>(doing: string, call: GuestCall, guest: () => MaybePromise<T>): MaybePromise<T> {
    this.#arm(call);
    const ended = (value: T): T => {
      this.#linked.limit.disarm();
      return value;
    };
    const failed = (error: unknown): never => {
      throw this.#failed(error, doing, call);
    };
    try {
      const result = guest();
      return result instanceof Promise ? result.then(ended, failed) : ended(result);
    } catch (error) {
      return failed(error);
    }
  }

  /** A reactor is initialised; a command runs once and may end with exit code 0. */
  #runEntry(call: GuestCall): MaybePromise<void> {
    const { _initialize: reactor, _start: command } = this.#linked.exports;
    const entry = (reactor ?? command) as (() => void) | undefined;
    if (entry === undefined) return undefined;
    const exitedWell = (error: unknown): void => {
      if (reactor !== undefined || !(error instanceof GuestExit) || error.exitCode !== 0) {
        throw error;
      }
    };
    return this.#run('its start', call, () => {
      if (this.#module.suspends) return WebAssembly.promising(entry)().catch(exitedWell);
      try {
        return entry();
      } catch (error) {
        return exitedWell(error);
      }
    });
  }

  #read(method: Method, packed: bigint): Buffer {
    try {
      return readResult(packed, this.#linked.memory, this.#rules);
    } catch (error) {
      if (error instanceof WasmstateError && error.code === 'GUEST_FAILED') {
        throw this.#fail(error, method);
      }
      throw error;
    }
  }

  #fail(error: unknown, doing: string): WasmstateError {
    this.#failure = guestFailure(error, `plugin ${this.#module.name} failed in ${doing}`);
    return this.#failure;
  }
}

/** The call ended while the guest waited in a host function, which may be just as it is told to stop. */
function endedSuspended(error: unknown): boolean {
  return (
    error instanceof WasmstateError &&
    (error.code === 'DEADLINE_EXCEEDED' || error.code === 'CANCELLED')
  );
}

class RequestTooLarge extends WasmstateError {
  constructor(plugin: string, size: number) {
    super(
      'LIMIT_EXCEEDED',
      `plugin ${plugin} has no room for a request of ${size} bytes; raise limits.memory or send less`,
    );
  }
}

class StoppedAtLimit extends WasmstateError {
  constructor(limit: number) {
    super(
      'DEADLINE_EXCEEDED',
      `the guest was stopped, as it ran longer than ${Math.round(limit)} ms`,
    );
  }
}

function briefCall(): GuestCall {
  return { deadline: performance.now() + BRIEF, limit: BRIEF };
}

import { Cancellation } from '../cancel-signal.ts';
import { WasmstateError } from '../error.ts';
import type { KvCall, Keyspace } from '../kv/contract.ts';
import { LONGEST_DELAY } from '../kv/deadlines.ts';
import type { Logger } from '../observe/log.ts';
import type { GuestCall } from './guest-call.ts';
import type { GuestModule } from './guest-module.ts';
import { kvImports } from './kv-imports.ts';
import { MemoryView } from './memory-view.ts';
import type { CallLimit, Meter } from './meter.ts';
import { OutputLines, type LineRate } from './output-lines.ts';
import { waitSuspended } from './wait-suspended.ts';
import { wasiImports } from './wasi.ts';

/** What the host lends every instance of one component. */
export interface InstanceHost {
  readonly logger: Logger;
  readonly lineRate: LineRate;
  readonly env: Readonly<Record<string, string>>;
  readonly keyspace: Keyspace | undefined;
  /** Of this thread. */
  readonly meter: Meter;
  /** Bytes. */
  readonly maxResponse: number;
}

/** An instantiated module and what belongs to it. */
export interface Linked {
  readonly exports: WebAssembly.Exports;
  readonly memory: MemoryView;
  readonly limit: CallLimit;
  /** Of the guest; throws GUEST_FAILED where it gives nothing or a place outside the memory. */
  readonly malloc: (size: number) => number;
  readonly free: (pointer: number) => void;
  /** Lets go of what the instance holds in the host. */
  readonly dispose: () => void;
}

/** The guest's own malloc answered that there is nothing left. */
export class NoMemory extends WasmstateError {
  constructor(size: number) {
    super('GUEST_FAILED', `malloc(${size}) gave no memory; raise limits.memory or send less`);
  }
}

/**
 * Instantiates a module with the host functions that it imports. `currentCall` is the call
 * that the guest is in whenever it runs.
 */
export function link(
  module: GuestModule,
  host: InstanceHost,
  currentCall: () => GuestCall,
): Linked {
  let linked: Linked | undefined;
  let sleeper: NodeJS.Timeout | undefined;
  const stdout = new OutputLines(host.logger, 'stdout', host.lineRate);
  const stderr = new OutputLines(host.logger, 'stderr', host.lineRate);

  const ready = (): Linked => {
    if (linked !== undefined) return linked;
    throw new WasmstateError(
      'GUEST_FAILED',
      'a host function was called from the start section, before the memory can be reached; export _initialize instead',
    );
  };
  const memory = (): MemoryView => ready().memory;

  /** While the guest is suspended it does not run, and its call may end. */
  function suspend<T>(run: (call: KvCall) => T | Promise<T>): T | Promise<T> {
    const call = currentCall();
    const ended = new Cancellation();
    const answer = run({ deadline: call.deadline, signal: ended });
    if (!(answer instanceof Promise)) return answer;
    return waitSuspended(answer, call, ended);
  }

  const wasi = wasiImports({
    memory,
    env: host.env,
    stdout,
    stderr,
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        sleeper = setTimeout(resolve, Math.min(milliseconds, LONGEST_DELAY));
      }),
  });
  const { poll_oneoff: poll, ...immediate } = wasi;
  const imports: Record<string, Record<string, unknown>> = {
    wasi_snapshot_preview1: {
      ...immediate,
      poll_oneoff: new WebAssembly.Suspending((...parameters: never[]) =>
        suspend(() => poll?.(...parameters)),
      ),
    },
  };
  if (host.keyspace !== undefined) {
    const functions = kvImports({
      keyspace: host.keyspace,
      memory,
      malloc: (size) => ready().malloc(size),
      suspend,
    });
    imports['kv'] = Object.fromEntries(
      Object.entries(functions).map(([name, run]) => [name, new WebAssembly.Suspending(run)]),
    );
  }

  const {
    instance,
    memory: guestMemory,
    limit,
  } = host.meter.instantiate(module.module, module, imports, currentCall().limit);
  const { exports } = instance;
  const view = new MemoryView(guestMemory);
  const malloc = exports['malloc'] as (size: number) => number;
  linked = {
    exports,
    memory: view,
    limit,
    malloc: (size) => {
      const pointer = malloc(size) >>> 0;
      if (pointer === 0) throw new NoMemory(size);
      if (!view.contains(pointer, size)) {
        throw new WasmstateError(
          'GUEST_FAILED',
          `malloc(${size}) gave ${pointer}, outside the guest's memory of ${view.byteLength} bytes`,
        );
      }
      return pointer;
    },
    free: exports['free'] as (pointer: number) => void,
    dispose: () => {
      clearTimeout(sleeper);
      limit[Symbol.dispose]();
      stdout.flush();
      stderr.flush();
    },
  };
  return linked;
}

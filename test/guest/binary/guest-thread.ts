import { parentPort, workerData } from 'node:worker_threads';
import { hardenModule } from '../../../src/guest/binary/harden.ts';
import { Meter } from '../../../src/guest/meter.ts';
import type { GuestOrder, GuestReport } from './guest-under-watch.ts';

/** Runs one guest in a thread of its own, as metered instances; orders come one at a time. */
const { bytes, interruptible } = workerData as { bytes: Uint8Array; interruptible: boolean };
const meter = new Meter();

function report(message: GuestReport): void {
  parentPort?.postMessage(message);
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const imports = {
  env: {
    nothing: () => {},
    later: new WebAssembly.Suspending(
      (ms: number) =>
        new Promise((resolve) => {
          setTimeout(resolve, ms);
        }),
    ),
  },
};
const hardened = hardenModule(bytes, {
  memoryLimit: 64 * 1024 * 1024,
  interruptible,
  allowedImports: () => undefined,
});
const module = new WebAssembly.Module(hardened.bytes);

async function obey({ name, values, limit, promising }: GuestOrder): Promise<void> {
  try {
    const instance = meter.instantiate(module, hardened, imports, limit);
    const exported = instance.instance.exports[name] as (...values: number[]) => unknown;
    const call = promising ? WebAssembly.promising(exported) : exported;
    instance.limit.arm(limit);
    try {
      report({ kind: 'returned', value: await call(...values), stopped: instance.limit.disarm() });
    } catch (error) {
      report({ kind: 'threw', error: explain(error), stopped: instance.limit.disarm() });
    }
    instance.limit[Symbol.dispose]();
  } catch (error) {
    report({ kind: 'not started', error: explain(error) });
  }
}

parentPort?.on('message', (order: GuestOrder) => void obey(order));
report({ kind: 'ready', words: meter.words });

import { parentPort } from 'node:worker_threads';
import { hardenModule } from '../../src/guest/binary/harden.ts';
import type { FunctionSignature } from '../../src/guest/binary/module-info.ts';
import { Meter } from '../../src/guest/meter.ts';

/** ms */
const LIMIT = 20;
const ARGUMENTS = [0, 1, 16, 65_536, 131_072, -1, 2 ** 31 - 1];

const meter = new Meter();

/** Host functions of any signature that do nothing. */
function imports(bytes: WebAssembly.Module): Record<string, Record<string, unknown>> {
  const all: Record<string, Record<string, unknown>> = {};
  for (const { module, name } of WebAssembly.Module.imports(bytes)) {
    // 0 stands for a number of any type but i64, which is left to fail: that is a result too.
    all[module] = { ...all[module], [name]: () => 0 };
  }
  return all;
}

function argumentsOf({ parameters }: FunctionSignature, round: number): unknown[] {
  return parameters.map((type, index) => {
    const number = ARGUMENTS[(round + index) % ARGUMENTS.length] ?? 0;
    return type === 'i64' ? BigInt(number) : number;
  });
}

/** How many functions were called; whatever they threw. */
function run(bytes: Uint8Array): number {
  const hardened = hardenModule(bytes, {
    memoryLimit: 16 * 1024 * 1024,
    interruptible: true,
    allowedImports: () => undefined,
  });
  let called = 0;
  try {
    const module = new WebAssembly.Module(hardened.bytes);
    const made = meter.instantiate(module, hardened, imports(module), LIMIT);
    for (const { name, signature } of hardened.info.exports) {
      const exported = made.instance.exports[name];
      if (signature === undefined || typeof exported !== 'function') continue;
      made.limit.arm(LIMIT);
      try {
        called += 1;
        exported(...argumentsOf(signature, called));
      } catch {
        // Traps, exits and being stopped are what is expected here.
      }
      made.limit.disarm();
    }
    made.limit[Symbol.dispose]();
  } catch {
    // Modules that cannot be linked, or whose start function fails.
  }
  return called;
}

parentPort?.on('message', (bytes: Uint8Array) => parentPort?.postMessage(run(bytes)));
parentPort?.postMessage(meter.words);

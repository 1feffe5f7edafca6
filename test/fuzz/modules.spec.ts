import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { WasmstateError } from '../../src/error.ts';
import { hardenModule } from '../../src/guest/binary/harden.ts';
import { inspectModule } from '../../src/guest/binary/inspect.ts';
import { SEED, runs, timeFor } from './effort.ts';
import { mutations, seedModules } from './module-mutations.ts';
import { RunsModules } from './runs-modules.ts';

const RUNS = 3000;
const LIVE_RUNS = 400;

/** What `work` gives, or undefined where it refuses the module; anything else it throws stays. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assert(error instanceof WasmstateError && error.code === 'MODULE_REFUSED', String(error));
    return undefined;
  }
}

function harden(bytes: Uint8Array, interruptible: boolean): Uint8Array<ArrayBuffer> | undefined {
  return unlessRefused(
    () =>
      hardenModule(bytes, {
        memoryLimit: 16 * 1024 * 1024,
        interruptible,
        allowedImports: () => undefined,
      }).bytes,
  );
}

describe('modules with random changes', () => {
  const seeds = seedModules();

  it('are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(mutations(seeds), (bytes) => {
        const info = unlessRefused(() => inspectModule(bytes));
        if (info === undefined) return;
        for (const { start, end } of info.sections) assert(start <= end && end <= bytes.length);
      }),
      { seed: SEED, numRuns: runs(RUNS) },
    );
  }).timeout(timeFor(RUNS));

  it('are valid once hardened where they were valid before, and only there', () => {
    let accepted = 0;
    let valid = 0;
    fc.assert(
      fc.property(mutations(seeds), fc.boolean(), (bytes, interruptible) => {
        const hardened = harden(bytes, interruptible);
        if (hardened === undefined) return;
        accepted += 1;
        const before = WebAssembly.validate(bytes);
        if (before) valid += 1;
        assert.equal(WebAssembly.validate(hardened), before);
      }),
      { seed: SEED, numRuns: runs(RUNS) },
    );
    assert(valid > RUNS / 20, `only ${valid} of ${accepted} accepted modules were valid`);
  }).timeout(timeFor(RUNS));

  it('are as arbitrary bytes behind the preamble: read or refused', () => {
    const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
        unlessRefused(() => inspectModule(Uint8Array.from([...preamble, ...rest])));
        harden(Uint8Array.from([...preamble, ...rest]), true);
      }),
      { seed: SEED, numRuns: runs(RUNS) },
    );
  }).timeout(timeFor(RUNS));

  it('end when they run, whatever they do', async () => {
    await using thread = await RunsModules.start();
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(mutations(seeds), async (bytes) => {
        const hardened = harden(bytes, true);
        if (hardened === undefined || !WebAssembly.validate(hardened)) return;
        ran += await thread.run(bytes);
      }),
      { seed: SEED, numRuns: runs(LIVE_RUNS) },
    );
    assert(ran > LIVE_RUNS / 4, `only ${ran} functions ran`);
  }).timeout(timeFor(LIVE_RUNS) * 4);
});

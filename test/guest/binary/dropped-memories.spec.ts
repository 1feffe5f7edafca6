import assert from 'node:assert/strict';
import { hardenModule } from '../../../src/guest/binary/harden.ts';
import { Meter } from '../../../src/guest/meter.ts';
import { assemble } from './assemble.ts';

const MIB = 1024 * 1024;
const MEMORY = 64 * MIB;
const INSTANCES = 16;

describe('memories of instances that are done', () => {
  it('are given back before many more are made', async () => {
    const bytes = assemble(`(module (memory 1)
      (func (export "take")
        (drop (memory.grow (i32.const 1023)))
        (memory.fill (i32.const 0) (i32.const 1) (i32.const ${MEMORY}))))`);
    const hardened = hardenModule(bytes, {
      memoryLimit: MEMORY,
      interruptible: true,
      allowedImports: () => undefined,
    });
    const module = new WebAssembly.Module(hardened.bytes);
    const meter = new Meter();
    const takeAll = (): void => {
      const { instance, memory, limit } = meter.instantiate(module, hardened, {}, 1000);
      (instance.exports['take'] as () => void)();
      assert.equal(memory.buffer.byteLength, MEMORY);
      limit[Symbol.dispose]();
    };
    const before = process.memoryUsage.rss();
    let most = 0;
    for (let made = 0; made < INSTANCES; made++) {
      takeAll();
      most = Math.max(most, process.memoryUsage.rss() - before);
      await new Promise(setImmediate);
    }
    assert(most < (INSTANCES / 2) * MEMORY, `${Math.round(most / MIB)} MiB were resident`);
    assert(process.memoryUsage.rss() - before < 3 * MEMORY);
  });
});

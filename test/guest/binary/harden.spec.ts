import assert from 'node:assert/strict';
import { hardenModule, type HardenOptions } from '../../../src/guest/binary/harden.ts';
import { Meter } from '../../../src/guest/meter.ts';
import { assemble, moduleOf, section } from './assemble.ts';

const MIB = 1024 * 1024;
const options: HardenOptions = {
  memoryLimit: MIB,
  interruptible: true,
  allowedImports: (module) => (module === 'env' ? undefined : 'no such host function'),
};

function refusal(bytes: Uint8Array, changed: Partial<HardenOptions> = {}): string {
  try {
    hardenModule(bytes, { ...options, ...changed });
  } catch (error) {
    assert(error instanceof Error && 'code' in error);
    assert.equal(error.code, 'MODULE_REFUSED');
    return error.message;
  }
  return assert.fail('the module was accepted');
}

function start(text: string, imports: Record<string, Record<string, unknown>> = {}) {
  const hardened = hardenModule(assemble(text), options);
  const module = new WebAssembly.Module(hardened.bytes);
  return new Meter().instantiate(module, hardened, imports, 1000);
}

function run(instance: WebAssembly.Instance, name: string, ...values: number[]): unknown {
  const exported = instance.exports[name];
  assert(typeof exported === 'function');
  return exported(...values) as unknown;
}

describe('hardening a module', () => {
  it('refuses a memory that begins over the limit, or none, or an imported one', () => {
    assert.match(
      refusal(assemble('(module (memory 17))')),
      /its memory has 1.0625 MiB at the start, more than the limit of 1 MiB \(byte 0x\w+\): raise limits.memory/u,
    );
    assert.match(refusal(assemble('(module)')), /it has no memory/u);
    assert.match(
      refusal(assemble('(module (import "env" "memory" (memory 1)))')),
      /import "env" "memory" is a memory, and only functions can be imported/u,
    );
  });

  const refusedCode: [string, string, RegExp][] = [
    ['shared memories', '(module (memory 1 2 shared))', /threads and atomics.*a shared memory/u],
    ['64-bit memories', '(module (memory i64 1))', /64-bit memories/u],
    ['several memories', '(module (memory 1) (memory 1))', /more than one memory/u],
    [
      'tail calls',
      '(module (memory 1) (func $f (return_call $f)))',
      /tail calls.*first in function 0 \(f\), byte 0x\w+/u,
    ],
    [
      'indirect tail calls',
      '(module (memory 1) (table 1 funcref) (func (return_call_indirect (i32.const 0))))',
      /tail calls/u,
    ],
    ['exception tags', '(module (memory 1) (tag))', /exception handling/u],
    [
      'exception handlers',
      '(module (memory 1) (func (try (do) (catch_all))))',
      /exception handling.*function 0/u,
    ],
    [
      'atomics',
      '(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))',
      /threads and atomics/u,
    ],
    ['imported tables', '(module (import "env" "t" (table 1 funcref)) (memory 1))', /is a table/u],
    ['imported globals', '(module (import "env" "g" (global i32)) (memory 1))', /is a global/u],
    ['oversized tables', '(module (memory 1) (table 262145 funcref))', /table 0 has 262145/u],
    [
      'too many tables',
      `(module (memory 1) ${'(table 1 funcref)'.repeat(9)})`,
      /it has 9 tables, more than the 8/u,
    ],
    [
      'names of the host',
      '(module (memory 1) (func (export "wasmstate:slot")))',
      /"wasmstate:slot": names that begin with wasmstate: belong to the host/u,
    ],
  ];
  for (const [what, text, expected] of refusedCode) {
    it(`refuses ${what}`, () => {
      assert.match(refusal(assemble(text)), expected);
    });
  }

  it('refuses garbage-collected types and unknown instructions', () => {
    const memory = section(5, 1, 0, 1);
    const type = section(1, 1, 0x60, 0, 0);
    assert.match(refusal(moduleOf(section(1, 1, 0x5f, 0))), /garbage-collected types/u);
    assert.match(
      refusal(moduleOf(section(1, 2, 0x60, 0, 0, 0x60, 1, 0x64, 0, 0))),
      /typed function references/u,
    );
    assert.match(
      refusal(moduleOf(type, section(3, 1, 0), memory, section(10, 1, 4, 0, 0xf8, 0, 0x0b))),
      /an instruction that this host does not know: opcode 0xf8 \(first in function 0, byte 0x1c\)/u,
    );
    assert.match(
      refusal(moduleOf(type, section(3, 1, 0), memory, section(10, 1, 5, 0, 0xfc, 99, 0, 0x0b))),
      /opcode 0xfc 0x63/u,
    );
  });

  it('refuses functions that are too much for the compiler', () => {
    const withFunction = (code: string, type = ''): string =>
      refusal(assemble(`(module ${type} (memory 1) (func $bomb ${code}))`));
    assert.match(
      withFunction(
        `(local ${'i32 '.repeat(40_000)}) ${'(if (local.get 0) (then (nop)))'.repeat(300)}`,
      ),
      /function 0 \(bomb\) has 40000 locals across 300 branches and calls, more than can be compiled/u,
    );
    assert.match(
      withFunction('(drop (i32.const 1000000))'.repeat(160_000)),
      /has \d+ bytes, more than the 786432/u,
    );
    assert.match(
      withFunction('(call $bomb)'.repeat(60_001)),
      /has 60001 branches and calls, more than the 60000/u,
    );
    assert.match(withFunction('(loop)'.repeat(10_001)), /has 10001 loops, more than the 10000/u);
    assert.match(
      withFunction(`${'loop '.repeat(101)}${'end '.repeat(101)}`),
      /has 101 loops inside each other, more than the 100/u,
    );
    const results = `(type $many (func (result ${'i32 '.repeat(1000)})))`;
    const call = '(block (call_indirect (type $many) (i32.const 0)) (br 0))';
    assert.match(
      withFunction(call.repeat(501), `${results} (table 1 funcref)`),
      /has 501000 values in branches and calls, more than the 500000/u,
    );
    const branch = '(drop (block (result i32) (block (type $many) (unreachable)) (unreachable)))';
    assert.match(withFunction(branch.repeat(600), results), /has 600600 values in branches/u);
  }).timeout(60_000);

  it('refuses more types than V8 can keep', () => {
    const types = Array.from(
      { length: 5001 },
      (_, n) =>
        `(type (func (param ${n.toString(2).replaceAll('0', 'i32 ').replaceAll('1', 'i64 ')})))`,
    );
    assert.match(
      refusal(assemble(`(module ${types.join('')} (memory 1))`)),
      /it has 5001 types, more than the 5000/u,
    );
  });

  it('lists every problem of a module at once', () => {
    const message = refusal(
      assemble(`(module
        (import "a" "b" (func (param i32) (result i64)))
        (import "c" "d" (func))
        (memory 99)
        (func $f (return_call $f)))`),
    );
    assert.match(message, /its memory has 6.1875 MiB/u);
    assert.match(message, /import "a" "b" \(i32\) -> i64: no such host function \(byte 0x\w+\)/u);
    assert.match(message, /import "c" "d" \(\) -> \(\): no such host function/u);
    assert.match(message, /tail calls/u);
  });

  it('names at most twenty problems of a kind', () => {
    const imports = Array.from({ length: 25 }, (_, index) => `(import "x" "f${index}" (func))`);
    const message = refusal(assemble(`(module ${imports.join('')} (memory 1))`));
    assert.match(message, /"f19".*and 5 more of that kind/u);
    assert.doesNotMatch(message, /"f20"/u);
  });

  it('lets memory and tables grow to their cap and no further', () => {
    const { instance, memory } = start(`(module
      (memory (export "memory") 1)
      (table 10 funcref)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "table") (param i32) (result i32)
        (table.grow 0 (ref.null func) (local.get 0))))`);
    assert.equal(instance.exports['memory'], memory);
    assert.equal(run(instance, 'grow', 16), -1);
    assert.equal(run(instance, 'grow', 15), 1);
    assert.equal(run(instance, 'grow', 1), -1);
    assert.equal(memory.buffer.byteLength, MIB);
    assert.equal(run(instance, 'table', 262_144), -1);
    assert.equal(run(instance, 'table', 262_134), 10);
    assert.equal(run(instance, 'table', 1), -1);
  });

  it('keeps smaller maximums that a module states itself', () => {
    const { instance } = start(`(module
      (memory (export "memory") 1 2)
      (table 1 3 funcref)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "table") (param i32) (result i32)
        (table.grow 0 (ref.null func) (local.get 0))))`);
    assert.equal(run(instance, 'grow', 2), -1);
    assert.equal(run(instance, 'grow', 1), 1);
    assert.equal(run(instance, 'table', 3), -1);
    assert.equal(run(instance, 'table', 2), 1);
  });

  it('does not let a guest reach what the host adds', () => {
    const type = section(1, 1, 0x60, 0, 0);
    const memory = section(5, 1, 0, 1);
    const withCode = (...code: number[]) =>
      moduleOf(type, section(3, 1, 0), memory, section(10, 1, code.length + 2, 0, ...code, 0x0b));
    // global.set 0: where the host's global will be
    assert.match(refusal(withCode(0x41, 1, 0x24, 0)), /an unknown global at byte 0x1e/u);
    // i32.store in memory 1, memory.fill and memory.copy in memory 1
    assert.match(refusal(withCode(0x41, 0, 0x41, 0, 0x36, 0x42, 1, 0)), /more than one memory/u);
    assert.match(
      refusal(withCode(0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 1)),
      /more than one memory/u,
    );
    assert.match(
      refusal(withCode(0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 1)),
      /more than one memory/u,
    );
    assert.match(
      refusal(moduleOf(memory, section(7, 1, 1, 0x61, 2, 1))),
      /memory 1 does not exist/u,
    );
    assert.match(
      refusal(moduleOf(memory, section(7, 1, 1, 0x61, 3, 0))),
      /global 0 does not exist/u,
    );
    assert.match(
      refusal(moduleOf(memory, section(11, 1, 2, 1, 0x41, 0, 0x0b, 1, 0xff))),
      /memory 1 does not exist/u,
    );
  });

  it('keeps the section of names and no other custom section', () => {
    const named = assemble(
      '(module (memory 1) (func $inner unreachable) (func (export "go") (call $inner)))',
    );
    const bytes = Uint8Array.from([...named, ...section(0, 4, 0x6a, 0x75, 0x6e, 0x6b, 1, 2, 3)]);
    const hardened = hardenModule(bytes, options);
    assert.doesNotMatch(new TextDecoder('latin1').decode(hardened.bytes), /junk/u);
    const module = new WebAssembly.Module(hardened.bytes);
    const { instance } = new Meter().instantiate(module, hardened, {}, 1000);
    assert.throws(
      () => run(instance, 'go'),
      (error: Error) => /at .*inner /u.test(error.stack ?? ''),
    );
  });

  it('leaves the bytes that it is given alone', () => {
    const bytes = assemble('(module (memory 1) (func (loop (br 0))))');
    const before = Uint8Array.from(bytes);
    hardenModule(bytes, options);
    assert.deepEqual(bytes, before);
  });
});

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { hardenModule } from '../../../src/guest/binary/harden.ts';
import { Meter } from '../../../src/guest/meter.ts';
import { assemble } from './assemble.ts';

/** Each exports `run(i32) -> i32` or `-> i64`, and may import `env.add(i32, i32) -> i32`. */
const PROGRAMS: Record<string, string> = {
  'arithmetic in a loop': `(memory 1)
    (func (export "run") (param $n i32) (result i32) (local $sum i32)
      (loop $l
        (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $n)))
        (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
      (local.get $sum))`,
  recursion: `(memory 1)
    (func $fib (export "run") (param $n i32) (result i32)
      (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add
          (call $fib (i32.sub (local.get $n) (i32.const 1)))
          (call $fib (i32.sub (local.get $n) (i32.const 2)))))))`,
  'branch tables': `(memory 1)
    (func (export "run") (param $n i32) (result i32)
      (block $d (block $c (block $b (block $a
        (br_table $a $b $c $d (i32.rem_u (local.get $n) (i32.const 5))))
        (return (i32.const 10)))
        (return (i32.const 20)))
        (return (i32.const 30)))
      (i32.const 40))`,
  'indirect and imported calls': `
    (type $binary (func (param i32 i32) (result i32)))
    (table 3 funcref) (elem (i32.const 0) $add $sub $mul) (memory 1)
    (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
    (func $mul (type $binary) (i32.mul (local.get 0) (local.get 1)))
    (func (export "run") (param $n i32) (result i32)
      (call_indirect (type $binary) (local.get $n) (i32.const 3)
        (i32.rem_u (local.get $n) (i32.const 3))))`,
  'several results and block parameters': `(memory 1)
    (func $divide (param i32 i32) (result i32 i32)
      (i32.div_u (local.get 0) (local.get 1)) (i32.rem_u (local.get 0) (local.get 1)))
    (func $mix (param i32 i32) (result i32 i32)
      (i32.add (local.get 1) (i32.const 3)) (i32.xor (local.get 0) (local.get 1)))
    (func (export "run") (param $n i32) (result i32) (local $i i32)
      (call $divide (local.get $n) (i32.const 7))
      (loop $l (param i32 i32) (result i32 i32)
        (call $mix)
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
      (i32.mul (i32.const 100)) (i32.add))`,
  'globals, memory and data': `(memory 1)
    (global $g (mut i32) (i32.const 5)) (global $k i32 (i32.const 40))
    (data (i32.const 16) "abcdefgh") (data $p "wxyz")
    (func (export "run") (param $n i32) (result i32) (local $i i32)
      (memory.init $p (i32.const 64) (i32.const 0) (i32.const 4))
      (memory.copy (i32.const 128) (i32.const 16) (i32.const 8))
      (memory.fill (i32.const 132) (local.get $n) (i32.const 3))
      (loop $l
        (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 17))
          (i32.load8_u offset=64 (i32.and (local.get $i) (i32.const 127)))))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200))))
      (i32.add (global.get $g) (i32.add (global.get $k) (i32.load (i32.const 130)))))`,
  '64-bit numbers and floats': `(memory 1)
    (func (export "run") (param $n i32) (result i64) (local $x f64) (local $i i32)
      (local.set $x (f64.convert_i32_s (local.get $n)))
      (loop $l
        (local.set $x (f64.sqrt (f64.add (local.get $x) (f64.const 1234.5e3))))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
      (i64.add (i64.trunc_sat_f64_s (f64.mul (local.get $x) (f64.const 1e12)))
        (i64.extend8_s (i64.const 0x7fffffffffffff80))))`,
  'vectors and references': `(memory 1) (table $t 4 externref)
    (func (export "run") (param $n i32) (result i32) (local $v v128)
      (local.set $v (i8x16.shuffle 0 2 4 6 8 10 12 14 1 3 5 7 9 11 13 15
        (i32x4.splat (local.get $n)) (v128.const i32x4 1 2 3 4)))
      (v128.store (i32.const 32) (i32x4.add (local.get $v) (local.get $v)))
      (v128.store8_lane 3 (i32.const 33) (local.get $v))
      (i32.add (i32.load (i32.const 32))
        (i32.add (i32x4.extract_lane 2 (local.get $v))
          (ref.is_null (select (result externref) (table.get $t (i32.const 1)) (ref.null extern)
            (local.get $n))))))`,
  'a start function that writes': `(memory 1)
    (func $begin (i32.store (i32.const 4) (i32.const 77))) (start $begin)
    (func (export "run") (param $n i32) (result i32)
      (i32.add (local.get $n) (i32.load (i32.const 4))))`,
};

type Run = (n: number) => number | bigint;
const add = (a: number, b: number): number => a + b;

function results(instance: WebAssembly.Instance): (number | bigint)[] {
  const run = instance.exports['run'] as Run;
  return [1, 2, 3, 7, 12, 21].map((n) => run(n));
}

describe('a hardened module', () => {
  for (const [what, fields] of Object.entries(PROGRAMS)) {
    for (const interruptible of [false, true]) {
      it(`computes the same with ${what}${interruptible ? ', made interruptible' : ''}`, () => {
        const bytes = assemble(
          `(module (import "env" "add" (func $add (param i32 i32) (result i32))) ${fields})`,
        );
        const imports = { env: { add } };
        const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
        const hardened = hardenModule(bytes, {
          memoryLimit: 1024 * 1024,
          interruptible,
          allowedImports: () => undefined,
        });
        const module = new WebAssembly.Module(hardened.bytes);
        const { instance } = new Meter().instantiate(module, hardened, imports, 1000);
        assert.deepEqual(results(instance), results(plain));
      });
    }
  }

  const built = globSync(['plugins/*/build/*.wasm', 'test/guests/*/build/*.wasm']);
  for (const path of built) {
    it(`is valid where the module was: ${path}`, () => {
      const bytes = readFileSync(path);
      assert(WebAssembly.validate(bytes));
      for (const interruptible of [false, true]) {
        const hardened = hardenModule(bytes, {
          memoryLimit: 256 * 1024 * 1024,
          interruptible,
          allowedImports: () => undefined,
        });
        assert(WebAssembly.validate(hardened.bytes));
        assert(hardened.info.bodies.length > 0);
      }
    });
  }

  it('was tried on modules of real compilers', function test() {
    if (built.length > 0) return;
    assert.notEqual(process.env['CI'], 'true', 'no built guests were found');
    console.log('      no built guests were found: build plugins and test guests first');
    this.skip();
  });
});

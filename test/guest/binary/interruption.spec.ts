import assert from 'node:assert/strict';
import { hardenModule } from '../../../src/guest/binary/harden.ts';
import { InterruptWatch } from '../../../src/guest/interrupt-watch.ts';
import { Meter, type CallLimit } from '../../../src/guest/meter.ts';
import { assemble } from './assemble.ts';
import { GuestUnderWatch } from './guest-under-watch.ts';

/** Guests whose export `run` never returns, or not within anybody's life. */
const ENDLESS: [string, string][] = [
  ['an empty loop', '(func (export "run") (loop (br 0)))'],
  [
    'a loop that counts, stores and loads',
    `(func (export "run") (local $i i32)
      (loop $l
        (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $l (i32.const 1))))`,
  ],
  [
    'loops inside loops that each end soon',
    `(func (export "run") (local $i i32)
      (loop $outer
        (local.set $i (i32.const 3))
        (loop $inner
          (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (br $outer)))`,
  ],
  [
    'recursion without loops and without depth',
    `(func $tree (param i32)
      (if (local.get 0) (then
        (call $tree (i32.sub (local.get 0) (i32.const 1)))
        (call $tree (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (call $tree (i32.const 90)))`,
  ],
  [
    'indirect recursion without loops',
    `(table 1 funcref) (elem (i32.const 0) $tree) (type $t (func (param i32)))
    (func $tree (param i32)
      (if (local.get 0) (then
        (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
        (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
    (func (export "run") (call $tree (i32.const 90)))`,
  ],
  [
    'a chain of functions that doubles at each link, without loops or recursion',
    `(func $f0) ${Array.from({ length: 64 }, (_, n) => `(func $f${n + 1} (call $f${n}) (call $f${n}))`).join('')}
    (func (export "run") (call $f64))`,
  ],
  [
    'a loop that fills 60 MiB of memory',
    `(func (export "run")
      (drop (memory.grow (i32.const 959)))
      (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 62914560)) (br 0)))`,
  ],
  [
    'code in one line that fills memory a thousand times',
    `(func (export "run")
      (drop (memory.grow (i32.const 959)))
      ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 62914560))'.repeat(1000)})`,
  ],
  [
    'a loop of memory.grow',
    '(func (export "run") (loop (drop (memory.grow (i32.const 0))) (br 0)))',
  ],
  [
    'a loop of table.grow',
    `(table 1 funcref)
    (func (export "run") (loop (drop (table.grow 0 (ref.null func) (i32.const 1))) (br 0)))`,
  ],
  ['a loop of host calls', '(func (export "run") (loop (call $nothing) (br 0)))'],
  [
    'a loop with parameters on the stack',
    `(func (export "run") (result i32)
      (i32.const 1) (i64.const 2)
      (loop $l (param i32 i64) (result i32)
        (drop) (i32.add (i32.const 1)) (i64.const 3) (br $l)))`,
  ],
];

function guestWith(code: string): Uint8Array {
  return assemble(`(module
    (import "env" "nothing" (func $nothing))
    (import "env" "later" (func $later (param i32)))
    (memory (export "memory") 1)
    ${code}
    (func (export "fine") (result i32) (i32.const 7)))`);
}

describe('interrupting a guest', () => {
  for (const [what, code] of ENDLESS) {
    it(`stops ${what}, and the thread goes on`, async () => {
      await using guest = await GuestUnderWatch.start(guestWith(code));
      assert.deepEqual(await guest.call('run'), {
        kind: 'threw',
        error: 'unreachable',
        stopped: true,
      });
      assert.deepEqual(await guest.call('fine', [], { limit: 5000 }), {
        kind: 'returned',
        value: 7,
        stopped: false,
      });
    });
  }

  it('stops a start function, which runs while the module is instantiated', async () => {
    await using guest = await GuestUnderWatch.start(
      guestWith('(func $begin (loop (br 0))) (start $begin)'),
    );
    const report = await guest.call('fine');
    assert.deepEqual(report, {
      kind: 'not started',
      error: "the guest's start function took longer than 50 ms",
    });
  });

  it('leaves a guest alone that traps by itself or returns in time', async () => {
    await using guest = await GuestUnderWatch.start(guestWith('(func (export "run") unreachable)'));
    assert.deepEqual(await guest.call('run', [], { limit: 5000 }), {
      kind: 'threw',
      error: 'unreachable',
      stopped: false,
    });
  });

  it('stops a guest that was suspended past its limit and then goes on', async () => {
    await using guest = await GuestUnderWatch.start(
      guestWith('(func (export "run") (call $later (i32.const 120)) (loop (br 0)))'),
    );
    assert.deepEqual(await guest.call('run', [], { promising: true }), {
      kind: 'threw',
      error: 'unreachable',
      stopped: true,
    });
  });

  it('tells whoever watches that a call does not heed it', async () => {
    await using guest = await GuestUnderWatch.start(
      guestWith('(func (export "run") (loop (br 0)))'),
      false,
    );
    void guest.call('run').catch(() => {});
    while (guest.overdue < 50) {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
  });
});

/** What the guest's own code looks at. */
function isStopping(meter: Meter, { address }: CallLimit): boolean {
  return (new Int32Array(meter.words)[address / Int32Array.BYTES_PER_ELEMENT] ?? 0) < 0;
}

describe('the watch over calls', () => {
  const text = '(module (memory 1) (func (export "run") (loop)))';
  const hardened = hardenModule(assemble(text), {
    memoryLimit: 65_536,
    interruptible: true,
    allowedImports: () => undefined,
  });
  const module = new WebAssembly.Module(hardened.bytes);

  it('counts from the first look that saw the call, whatever its clock says', () => {
    const meter = new Meter();
    const watch = new InterruptWatch(meter.words);
    const { limit } = meter.instantiate(module, hardened, {}, 1000);
    limit.arm(100);
    assert.equal(watch.look(1_000_000), 0);
    assert.equal(watch.look(1_000_099), 0);
    assert.equal(isStopping(meter, limit), false);
    assert.equal(watch.look(1_000_130), 0);
    assert.equal(isStopping(meter, limit), true);
    assert.equal(watch.look(1_000_200), 70);
    assert.equal(limit.disarm(), true);
    assert.equal(watch.look(1_000_300), 0);
  });

  it('does not mistake the next call for the one before', () => {
    const meter = new Meter();
    const watch = new InterruptWatch(meter.words);
    const { limit } = meter.instantiate(module, hardened, {}, 1000);
    for (let now = 0; now < 1000; now += 60) {
      limit.arm(100);
      assert.equal(watch.look(now), 0);
      assert.equal(limit.disarm(), false);
    }
  });

  it('does not mistake the call of a new instance for that of the one before', () => {
    const meter = new Meter();
    const watch = new InterruptWatch(meter.words);
    for (let now = 0; now < 1000; now += 60) {
      const { limit } = meter.instantiate(module, hardened, {}, 1000);
      limit.arm(100);
      assert.equal(watch.look(now), 0);
      assert.equal(limit.disarm(), false, `stopped at ${now}`);
      limit[Symbol.dispose]();
    }
  });

  it('stops one instance without the others of its thread', () => {
    const meter = new Meter();
    const watch = new InterruptWatch(meter.words);
    const one = meter.instantiate(module, hardened, {}, 1000);
    const other = meter.instantiate(module, hardened, {}, 1000);
    one.limit.arm(10);
    other.limit.arm(10_000);
    watch.look(0);
    watch.look(50);
    assert.throws(() => (one.instance.exports['run'] as () => void)(), /unreachable/u);
    assert.doesNotThrow(() => (other.instance.exports['run'] as () => void)());
  });

  it('gives the slot of an instance that is done to the next one', () => {
    const meter = new Meter();
    const first = meter.instantiate(module, hardened, {}, 1000);
    first.limit[Symbol.dispose]();
    const second = meter.instantiate(module, hardened, {}, 1000);
    assert.equal(second.limit.address, first.limit.address);
  });
});

// What it costs that a guest can be stopped in place: the same guests loaded with and without
// the checks, side by side in one process. `interruption.ts [--rounds N]`
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import wabt from 'wabt';
import { hardenModule, type HardenedModule } from '../../src/guest/binary/harden.ts';
import { Instance } from '../../src/guest/instance.ts';
import { loadModule } from '../../src/guest/load.ts';
import { Meter } from '../../src/guest/meter.ts';
import { LineRate } from '../../src/guest/output-lines.ts';
import { createLogger } from '../../src/observe/log.ts';
import { getMessage, initMessage, setMessage } from './state-messages.ts';
import { median } from './statistics.ts';
import { table } from './table.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '31' } } });
const rounds = Number(values.rounds);
const root = join(import.meta.dirname, '../..');
const MEMORY = 256 * 1024 * 1024;
const GUESTS = {
  'plugins/memory': 'plugins/memory/build/memory.wasm',
  'a guest in Go': 'test/guests/go-dapr/build/go-dapr.wasm',
  'a guest in C': 'test/guests/c-dapr/build/c-dapr.wasm',
};

// As the command sets it for every plugin thread.
setFlagsFromString('--no-wasm-dynamic-tiering');

/** The smallest loops and functions there are: the worst that the checks can do. */
const SMALLEST = `(module (memory (export "memory") 1)
  (func (export "multiply") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "load") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.and (local.get $n) (i32.const 0xfffc)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func $fib (export "recurse") (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add
        (call $fib (i32.sub (local.get $n) (i32.const 1)))
        (call $fib (i32.sub (local.get $n) (i32.const 2))))))))`;

interface Case {
  readonly name: string;
  /** What one run does is divided by this for the figure. */
  readonly times: number;
  readonly unit: string;
  readonly without: () => unknown;
  readonly with: () => unknown;
}

const meter = new Meter();

function harden(bytes: Uint8Array, interruptible: boolean): HardenedModule {
  return hardenModule(bytes, {
    memoryLimit: MEMORY,
    interruptible,
    allowedImports: () => undefined,
  });
}

async function smallestCases(): Promise<Case[]> {
  const assembler = await wabt();
  const bytes = new Uint8Array(assembler.parseWat('smallest', SMALLEST).toBinary({}).buffer);
  const [plain, checked] = [false, true].map((interruptible) => {
    const hardened = harden(bytes, interruptible);
    const module = new WebAssembly.Module(hardened.bytes);
    return meter.instantiate(module, hardened, {}, 1000).instance.exports;
  });
  const sizes = { multiply: 2_000_000, load: 2_000_000, recurse: 26 };
  return Object.entries(sizes).map(([name, n]) => {
    const run = (exports: WebAssembly.Exports | undefined) =>
      exports?.[name] as (n: number) => number;
    const [without, withChecks] = [run(plain), run(checked)];
    return {
      name: name === 'recurse' ? 'fib(26)' : `loop of one ${name}`,
      times: name === 'recurse' ? 1 : n,
      unit: name === 'recurse' ? 'ms' : 'ns',
      without: () => without(n),
      with: () => withChecks(n),
    };
  });
}

async function open(path: string, interrupt: boolean): Promise<Instance> {
  const bytes = readFileSync(join(root, path));
  const module = loadModule(bytes, {
    name: path,
    digest: createHash('sha256').update(bytes).digest('hex'),
    dialect: 'auto',
    kvGranted: false,
    memoryLimit: MEMORY,
    interrupt,
  });
  const host = {
    logger: createLogger(() => {}, 'bench'),
    lineRate: new LineRate(0),
    env: {},
    keyspace: undefined,
    meter,
    maxResponse: MEMORY,
  };
  const call = { deadline: Infinity, limit: 60_000 };
  const instance = await Instance.start(module, host, call);
  await instance.call('Init', initMessage({}), call);
  await instance.call('Set', setMessage, call);
  return instance;
}

async function guestCases(): Promise<Case[]> {
  const cases: Case[] = [];
  const call = { deadline: Infinity, limit: 60_000 };
  for (const [name, path] of Object.entries(GUESTS)) {
    const [plain, checked] = [await open(path, false), await open(path, true)];
    for (const [method, message] of [
      ['Get', getMessage],
      ['Set', setMessage],
    ] as const) {
      const calls = (instance: Instance) => async () => {
        for (let left = 2000; left > 0; left--) {
          const answer = instance.call(method, message, call);
          if (answer instanceof Promise) await answer;
        }
      };
      const label = `${name}, ${method}`;
      cases.push({
        name: label,
        times: 2000,
        unit: 'us',
        without: calls(plain),
        with: calls(checked),
      });
    }
  }
  return cases;
}

async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e6, us: 1e3, ms: 1 };

async function compare({ name, times, unit, ...runs }: Case): Promise<string[]> {
  const without: number[] = [];
  const withChecks: number[] = [];
  for (let round = -10; round < rounds; round++) {
    const pair = [await timed(runs.without), await timed(runs.with)] as const;
    if (round < 0) continue;
    without.push(pair[0]);
    withChecks.push(pair[1]);
  }
  const figure = (ms: number): string => ((ms * (UNITS[unit] ?? 1)) / times).toFixed(2);
  const ratios = withChecks.map((ms, round) => ms / (without[round] ?? Number.NaN));
  const best = Math.min(...withChecks) / Math.min(...without);
  return [
    `${name} (${unit})`,
    figure(median(without)),
    figure(median(withChecks)),
    median(ratios).toFixed(2),
    best.toFixed(2),
  ];
}

let unique = 0;

/** V8 keeps compiled modules by their bytes, so each compilation gets bytes of its own. */
function compile(bytes: Uint8Array): WebAssembly.Module {
  unique += 1;
  const custom = [0, 4, 1, 0x75, unique >> 8, unique & 0xff];
  const fresh = new Uint8Array(bytes.length + custom.length);
  fresh.set(bytes);
  fresh.set(custom, bytes.length);
  return new WebAssembly.Module(fresh);
}

async function loadRow([name, path]: [string, string]): Promise<string[]> {
  const bytes = readFileSync(join(root, path));
  const measure = async (run: () => unknown): Promise<string> => {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) times.push(await timed(run));
    return median(times).toFixed(1);
  };
  const [plain, checked] = [harden(bytes, false), harden(bytes, true)];
  const checks = checked.info.bodies.reduce((sum, body) => sum + body.checkpoints.length, 0);
  return [
    name,
    (bytes.length / 1024).toFixed(0),
    String(checks),
    `${(((checked.bytes.length - plain.bytes.length) / plain.bytes.length) * 100).toFixed(1)} %`,
    await measure(() => harden(bytes, true)),
    await measure(() => compile(plain.bytes)),
    await measure(() => compile(checked.bytes)),
  ];
}

const rows: string[][] = [];
for (const each of [...(await smallestCases()), ...(await guestCases())]) {
  rows.push(await compare(each));
}
console.log(`Node ${process.version}, medians of ${rounds} rounds in turn\n`);
console.log(table(['one call or turn', 'without', 'with', 'ratio', 'ratio of bests'], rows, 1));

const loads: string[][] = [];
for (const guest of Object.entries(GUESTS)) loads.push(await loadRow(guest));
const head = ['module', 'KiB', 'checks', 'growth', 'harden ms', 'compile ms', 'with checks ms'];
console.log(`\n${table(head, loads, 1)}`);

const limit = meter.take();
const pairs = 1_000_000;
const armed = await timed(() => {
  for (let left = pairs; left > 0; left--) {
    limit.arm(5000);
    limit.disarm();
  }
});
console.log(`\narm and disarm, one call: ${((armed * 1e6) / pairs).toFixed(0)} ns`);

// A long run with everything that replaces instances, threads and the process mixed in. It ends
// with 1 where memory or descriptors grew, or a call failed that should not have.
// `main.ts [--calls N] [--every ms]`
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import { initMessage } from '../bench/state-messages.ts';
import { disturbances, type Disturbance, type Kind } from './disturbances.ts';
import { flatness } from './flat.ts';
import { Load, get } from './load.ts';
import { plot } from './plot.ts';
import { standing, type Sample } from './sample.ts';
import { HOSTILE, STORES, SoakedServer } from './soaked-server.ts';
import { StoreClient } from './store-client.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    /** Between samples, in ms. */
    every: { type: 'string', default: '1000' },
    /** Keep logs and data of the server. */
    keep: { type: 'boolean', default: false },
  },
});
const calls = Number(values.calls);
const machine = describeMachine();
const started = new Date();
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1000;
const scratch = await mkdtemp(join(tmpdir(), 'wasmstate-soak-'));

const samples: Sample[] = [];
const done: Disturbance[] = [];
/** Milliseconds until which calls may fail that had begun by then. */
let excusedUntil = 0;

try {
  await using server = new SoakedServer(scratch);
  await server.start();
  using clients = new DisposableStack();
  const connect = (plugin: string): StoreClient =>
    clients.use(new StoreClient(server.socket(plugin)));
  const stores = new Map(STORES.map((name) => [name as string, connect(name)]));
  const [hostile, uninterrupted] = HOSTILE.map(connect);
  if (hostile === undefined || uninterrupted === undefined) throw new Error('no hostile guests');
  // Once, and never again: what comes after a kill knows it from disk.
  for (const client of [...stores.values(), hostile, uninterrupted]) {
    const outcome = await client.call('Init', initMessage({}));
    if (outcome !== 'OK') throw new Error(`Init failed with ${outcome}`);
  }

  const load = new Load(stores, (from) => from <= excusedUntil);
  const act: Readonly<Record<Kind, () => Promise<unknown>>> = {
    async kill() {
      excusedUntil = Infinity;
      await server.kill();
      await load.recovered();
      excusedUntil = performance.now();
    },
    reload: () => server.reload(),
    spin: () => hostile.call('Get', get('spin')),
    panic: () => hostile.call('Get', get('panic')),
    exit: () => hostile.call('Get', get('exit')),
    grow: () => hostile.call('Get', get('alloc:200')),
    'lost thread': () => uninterrupted.call('Get', get('spin')),
  };

  const sampler = setInterval(() => {
    const { pid, processes } = server;
    if (pid === undefined) return;
    void standing(pid).then((found) => {
      if (found === undefined || pid !== server.pid) return;
      samples.push({ at: seconds(), process: processes, calls: load.answered, ...found });
    });
  }, Number(values.every));
  try {
    for (const { after, kind } of disturbances(calls)) {
      await load.reached(after);
      done.push({ at: seconds(), kind });
      await act[kind]();
    }
    await load.reached(calls);
  } finally {
    clearInterval(sampler);
    await load.stop();
  }

  const found = flatness(samples);
  const results = join(import.meta.dirname, '../../bench-results');
  const file = join(results, `soak-${started.toISOString().replaceAll(':', '')}`);
  const failures = Object.fromEntries(load.failures);
  await mkdir(results, { recursive: true });
  await writeFile(`${file}.svg`, plot(samples, done));
  const report = { started, machine, calls: load.answered, failures, found, done, samples };
  await writeFile(`${file}.json`, `${JSON.stringify(report, null, 1)}\n`);

  const counts = Object.entries(Object.groupBy(done, ({ kind }) => kind));
  console.log(
    `${load.answered} calls in ${Math.round(seconds())} s, with ${counts.map(([kind, all]) => `${all.length} x ${kind}`).join(', ')}`,
  );
  console.log(`${load.excusedFailures} calls failed as the process had just been killed`);
  for (const [what, count] of load.failures) console.log(`FAILED ${count} x ${what}`);
  for (const { what, unit, early, late, allowed, flat } of found) {
    console.log(
      `${what}: median ${early.toFixed(0)} ${unit} in the second fifth, ${late.toFixed(0)} in the last, ${allowed.toFixed(0)} allowed: ${flat ? 'flat' : 'NOT FLAT'}`,
    );
  }
  console.log(`written to ${file}.svg and .json`);
  if (load.failures.size > 0 || found.some(({ flat }) => !flat)) process.exitCode = 1;
} finally {
  if (values.keep) console.error(`kept: ${scratch}`);
  else await rm(scratch, { recursive: true, force: true });
}

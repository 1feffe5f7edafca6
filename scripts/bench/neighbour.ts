import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { GetRequest } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { callOnce } from './grpc-client.ts';
import { loadGrpc } from './grpc-load.ts';
import { interleave, type Series, type Subject } from './interleave.ts';
import { asPeer } from './peers/socket-peer.ts';
import { startWasmstate } from './peers/wasmstate.ts';
import { copyPlugin } from './plugin-folder.ts';
import { framed, getMessage, initMessage } from './state-messages.ts';
import { median } from './statistics.ts';
import { grouped, table } from './table.ts';

const GUEST = join(import.meta.dirname, '../../test/guests/go-dapr/build/go-dapr.wasm');

const ALONE = 'alone';
/** What a processor less costs by itself: the rest is the host's doing. */
const ELSEWHERE = 'beside a process that spins';

/** What the neighbour has to bear, and the plugin that makes it. */
const HOSTILE: Readonly<Record<string, { readonly plugin: string; readonly interrupt: boolean }>> =
  {
    'beside a guest that is interrupted again and again': {
      plugin: 'interrupted',
      interrupt: true,
    },
    'beside a guest that loses its thread again and again': {
      plugin: 'uninterrupted',
      interrupt: false,
    },
  };

const SPIN = Buffer.from(GetRequest.encode({ key: 'spin', metadata: {}, consistency: 0 }).finish());

/** Calls in flight to the neighbour. */
const LOADS: readonly number[] = [1, 32];

async function addHostile(plugins: string, name: string, interrupt: boolean): Promise<void> {
  const folder = join(plugins, name);
  await mkdir(folder, { recursive: true });
  await cp(GUEST, join(folder, 'guest.wasm'));
  await writeFile(
    join(folder, 'plugin.yaml'),
    stringify({ module: 'guest.wasm', state: 'guest', interrupt, limits: { call: '500ms' } }),
  );
}

/** Milliseconds after a failed call: a connection that is refused fails in no time. */
const PAUSE = 5;

/** Asks a guest to spin whenever it has stopped, until `over`; gives how often it was asked. */
async function spinAgainAndAgain(socket: string, over: AbortSignal): Promise<number> {
  let asked = 0;
  for (; !over.aborted; asked += 1) {
    // It fails: that its caller hears of it is for tests to hold.
    await callOnce(socket, 'Get', SPIN).catch(() => delay(PAUSE));
  }
  return asked;
}

/** Takes as much processor time as a spinning guest, outside of the server. */
async function spinElsewhere(over: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' });
  const abandon = (): boolean => child.kill('SIGKILL');
  process.on('exit', abandon);
  const ended = once(child, 'exit');
  over.addEventListener('abort', abandon);
  await ended;
  process.off('exit', abandon);
  return 1;
}

/** Gets of state.memory with and without a hostile guest in another plugin of the same process. */
export async function besideHostile(
  effort: { readonly rounds: number; readonly seconds: number },
  scratch: string,
  progress: (text: string) => void,
): Promise<Series<string>[]> {
  const plugins = join(scratch, 'plugins');
  await copyPlugin('memory', plugins, 'memory');
  for (const { plugin, interrupt } of Object.values(HOSTILE)) {
    await addHostile(plugins, plugin, interrupt);
  }
  const expected = ['memory', ...Object.values(HOSTILE).map(({ plugin }) => plugin)];
  await using served = await startWasmstate(scratch, { plugins, sockets: scratch, expected });
  const { socket } = await asPeer('memory', served, join(scratch, 'memory.sock'));
  const answerSize = framed(await callOnce(socket, 'Get', getMessage)).length;
  const measure = (inFlight: number, seconds: number) =>
    loadGrpc(
      socket,
      { method: 'Get', message: getMessage, inFlight },
      seconds,
      answerSize,
      scratch,
    );

  const beside = (name: string, spin: (over: AbortSignal) => Promise<number>): Subject<number> => ({
    name,
    async measure(inFlight, seconds) {
      const over = new AbortController();
      const spinning = spin(over.signal);
      try {
        return await measure(inFlight, seconds);
      } finally {
        over.abort();
        if ((await spinning) === 0) progress(`${name}: it never spun`);
      }
    },
  });
  const subjects = [{ name: ALONE, measure }, beside(ELSEWHERE, spinElsewhere)];
  for (const [name, { plugin }] of Object.entries(HOSTILE)) {
    const hostile = join(scratch, `${plugin}.sock`);
    await callOnce(hostile, 'Init', initMessage({}));
    subjects.push(beside(name, (over) => spinAgainAndAgain(hostile, over)));
  }
  const series = await interleave(subjects, LOADS, effort, progress);
  return series.map(({ subject, load, rounds }) => ({
    subject,
    load: `Get, ${load} in flight`,
    rounds,
  }));
}

/** One row for each load and neighbour; ratios are medians of the rounds' ratios to it alone. */
export function neighbourTable(series: readonly Series<string>[]): string {
  const rows = series.map(({ subject, load, rounds }) => {
    const alone = series.find((one) => one.subject === ALONE && one.load === load)?.rounds ?? [];
    const ratio = (of: 'rate' | 'p50' | 'p99'): string =>
      subject === ALONE
        ? ''
        : median(rounds.map((round, i) => round[of] / (alone[i]?.[of] ?? Number.NaN))).toFixed(2);
    const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
    return [
      load,
      subject,
      ...(['rate', 'p50', 'p99'] as const).flatMap((of) => [
        grouped(median(rounds.map((round) => round[of]))),
        ratio(of),
      ]),
      failed === 0 ? '' : String(failed),
    ];
  });
  const head = ['load', 'neighbour', 'calls/s', 'ratio', 'p50 us', 'ratio', 'p99 us', 'ratio'];
  return table([...head, 'failed'], rows, 2);
}

import { noiseWarnings } from './noise.ts';
import type { Series } from './interleave.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { durableOn, engines } from './durable.ts';
import type { HttpLoad } from './http-load.ts';
import { inProcess, inProcessTable } from './in-process.ts';
import { memoryTable, memoryUse } from './memory-use.ts';
import { besideHostile, neighbourTable } from './neighbour.ts';
import { copyPlugin } from './plugin-folder.ts';
import { startDaprd } from './peers/daprd.ts';
import { asPeer } from './peers/socket-peer.ts';
import { startWasmstate } from './peers/wasmstate.ts';
import { throughDaprd } from './through-daprd.ts';
import { overSocket } from './over-socket.ts';
import { startBareGrpc } from './peers/bare-grpc.ts';
import { startGoSdk } from './peers/go-sdk.ts';
import { seriesTable } from './table.ts';

export interface Run {
  readonly effort: { readonly rounds: number; readonly seconds: number };
  /** A folder of the section's own. */
  readonly scratch: string;
  readonly progress: (step: string) => void;
}

export interface Result {
  /** Markdown. */
  readonly text: string;
  /** For the JSON file. */
  readonly data: unknown;
}

const OWN = 'wasmstate';

function asResult(title: string, series: Series<string>[]): Result {
  const warnings = noiseWarnings(series).map((warning) => `- ${warning}`);
  const parts = [`## ${title}`, seriesTable(series, OWN), warnings.join('\n')];
  return { text: parts.filter(Boolean).join('\n\n'), data: series };
}

/** Each part of the benchmark by the name that --only takes. */
export const sections: Readonly<Record<string, (run: Run) => Promise<Result>>> = {
  async socket({ effort, scratch, progress }) {
    const plugins = join(scratch, 'plugins');
    await copyPlugin('memory', plugins, 'memory');
    await using bare = await startBareGrpc(scratch);
    await using goSdk = await startGoSdk(scratch, scratch);
    await using served = await startWasmstate(scratch, {
      plugins,
      sockets: scratch,
      expected: ['memory'],
    });
    const own = await asPeer(OWN, served, join(scratch, 'memory.sock'));
    const series = await overSocket([bare, goSdk, own], effort, scratch, progress);
    return asResult('gRPC over the Unix socket, state in memory', series);
  },

  async daprd({ effort, scratch, progress }) {
    const plugins = join(scratch, 'plugins');
    const sockets = join(scratch, 'sockets');
    await mkdir(sockets);
    await copyPlugin('memory', plugins, 'memory');
    await using servers = new AsyncDisposableStack();
    servers.use(await startGoSdk(scratch, sockets));
    servers.use(await startWasmstate(scratch, { plugins, sockets, expected: ['memory'] }));
    await using daprd = await startDaprd(scratch, sockets, [
      { name: 'builtin', type: 'state.in-memory', metadata: {} },
      { name: 'gosdk', type: 'state.gosdk', metadata: {} },
      { name: 'memory', type: 'state.memory', metadata: {} },
    ]);
    const stores = [
      { name: 'built into daprd', component: 'builtin' },
      { name: 'Go SDK', component: 'gosdk' },
      { name: OWN, component: 'memory' },
    ];
    const loads = ([1, 32] as const).flatMap((clients) =>
      (['get', 'set'] as const).map((call): HttpLoad => ({ call, clients })),
    );
    const series = await throughDaprd(daprd.port, stores, loads, effort, progress);
    return asResult("daprd's HTTP API, state in memory", series);
  },

  ...Object.fromEntries(
    Object.keys(engines).map((engine) => [
      engine,
      async ({ effort, scratch, progress }: Run): Promise<Result> => {
        const series = await durableOn(engine, OWN, effort, scratch, progress);
        return asResult(`daprd's HTTP API, state in ${engine}`, series);
      },
    ]),
  ),

  async host({ effort }) {
    const found = await inProcess(effort.seconds);
    return { text: `## The host's own part of a call\n\n${inProcessTable(found)}`, data: found };
  },

  async memory({ effort, scratch }) {
    const found = await memoryUse(effort.seconds, scratch);
    return { text: `## Memory\n\n${memoryTable(found)}`, data: found };
  },

  async neighbour({ effort, scratch, progress }) {
    const series = await besideHostile(effort, scratch, progress);
    const title = '## A plugin beside a hostile one';
    return { text: `${title}\n\n${neighbourTable(series)}`, data: series };
  },
};

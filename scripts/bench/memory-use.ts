import { callOnce } from './grpc-client.ts';
import { loadGrpc } from './grpc-load.ts';
import { copyPlugin } from './plugin-folder.ts';
import { startBareGrpc } from './peers/bare-grpc.ts';
import { startGoSdk } from './peers/go-sdk.ts';
import { startWasmstate } from './peers/wasmstate.ts';
import { familyOf, residentOf } from './resident.ts';
import { framed, getMessage, initMessage } from './state-messages.ts';
import { table } from './table.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** MiB of a server and all its child processes. */
export interface MemoryUse {
  readonly server: string;
  /** Initialised and called once. */
  readonly idle: number;
  /** The same, shared pages divided. */
  readonly idlePss: number;
  /** After a load of Gets on each socket. */
  readonly loaded: number;
}

const MANY = 4;

async function measure(
  server: string,
  pid: number,
  sockets: readonly string[],
  seconds: number,
  scratch: string,
): Promise<MemoryUse> {
  const answers: Buffer[] = [];
  for (const socket of sockets) {
    await callOnce(socket, 'Init', initMessage({}));
    answers.push(framed(await callOnce(socket, 'Get', getMessage)));
  }
  const idle = await total(pid);
  const load = { method: 'Get', message: getMessage, inFlight: 64 } as const;
  for (const [i, socket] of sockets.entries())
    await loadGrpc(socket, load, seconds, answers[i]?.length ?? 0, scratch);
  const loaded = await total(pid);
  return { server, idle: idle.rss, idlePss: idle.pss, loaded: loaded.rss };
}

async function total(pid: number): Promise<{ rss: number; pss: number }> {
  const parts = await Promise.all((await familyOf(pid)).map(residentOf));
  return {
    rss: parts.reduce((sum, { rss }) => sum + rss, 0),
    pss: parts.reduce((sum, { pss }) => sum + pss, 0),
  };
}

/** Memory of bare grpc-js, the Go SDK's component, and wasmstate with one and with more plugins. */
export async function memoryUse(seconds: number, scratch: string): Promise<MemoryUse[]> {
  const found: MemoryUse[] = [];
  {
    await using bare = await startBareGrpc(scratch);
    found.push(await measure(bare.name, bare.pid, [bare.socket], seconds, scratch));
  }
  {
    await using goSdk = await startGoSdk(scratch, scratch);
    found.push(await measure(goSdk.name, goSdk.pid, [goSdk.socket], seconds, scratch));
  }
  for (const count of [1, MANY]) {
    const plugins = join(scratch, `plugins-${count}`);
    const sockets = join(scratch, `sockets-${count}`);
    const names = Array.from({ length: count }, (_, i) => `memory${i}`);
    await mkdir(sockets);
    for (const name of names) await copyPlugin('memory', plugins, name);
    await using server = await startWasmstate(scratch, { plugins, sockets, expected: names });
    const paths = names.map((name) => join(sockets, `${name}.sock`));
    const label = `wasmstate, ${count} plugin${count === 1 ? '' : 's'}`;
    found.push(await measure(label, server.pid, paths, seconds, scratch));
  }
  return found;
}

const mib = (value: number): string => value.toFixed(1);

export function memoryTable(found: readonly MemoryUse[]): string {
  const [bare] = found;
  const [one, many] = found.slice(-2);
  const rows = found.map((use) => [
    use.server,
    mib(use.idle),
    mib(use.idlePss),
    mib(use.loaded),
    bare === undefined ? '' : (use.idle / bare.idle).toFixed(2),
    bare === undefined ? '' : (use.loaded / bare.loaded).toFixed(2),
  ]);
  if (one !== undefined && many !== undefined) {
    const each = (key: 'idle' | 'idlePss' | 'loaded'): string =>
      mib((many[key] - one[key]) / (MANY - 1));
    rows.push(['each further plugin', each('idle'), each('idlePss'), each('loaded'), '', '']);
  }
  const head = [
    'server',
    'idle RSS MiB',
    'idle PSS MiB',
    'loaded RSS MiB',
    'idle / bare',
    'loaded / bare',
  ];
  return table(head, rows, 1);
}

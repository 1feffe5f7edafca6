import { join } from 'node:path';
import { z } from 'zod';
import { runProgram } from './run-program.ts';
import { percentile } from './statistics.ts';
import { table } from './table.ts';

const CASES = [
  { plugin: 'memory', method: 'Get', target: 5 },
  { plugin: 'memory', method: 'Set', target: undefined },
  { plugin: 'durable', method: 'Get', target: 15 },
  { plugin: 'durable', method: 'Set', target: undefined },
] as const;

/** Microseconds of one call, each the mean of a batch. */
export interface InProcess {
  readonly plugin: string;
  readonly method: string;
  readonly best: number;
  readonly p50: number;
  readonly p99: number;
  readonly target: number | undefined;
}

/** The host's own part of a call, each case in a process of its own, one after the other. */
export async function inProcess(seconds: number): Promise<InProcess[]> {
  const found: InProcess[] = [];
  for (const { plugin, method, target } of CASES) {
    const script = join(import.meta.dirname, 'in-process-run.ts');
    const output = await runProgram(process.execPath, [
      // As the command sets them for every plugin thread.
      '--no-wasm-dynamic-tiering',
      '--wasm-stack-switching-stack-size=216',
      script,
      plugin,
      method,
      String(seconds),
    ]);
    const micros = Float64Array.from(z.array(z.number()).parse(JSON.parse(output))).toSorted();
    const at = (share: number): number => percentile(micros, share);
    found.push({ plugin, method, best: at(0), p50: at(0.5), p99: at(0.99), target });
  }
  return found;
}

export function inProcessTable(found: readonly InProcess[]): string {
  const rows = found.map(({ plugin, method, best, p50, p99, target }) => [
    `state.${plugin}`,
    method,
    best.toFixed(2),
    p50.toFixed(2),
    p99.toFixed(2),
    target === undefined ? '' : `< ${target}`,
  ]);
  return table(['store', 'call', 'best us', 'p50 us', 'p99 us', 'goal us'], rows, 2);
}

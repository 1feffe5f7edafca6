import { join } from 'node:path';
import { z } from 'zod';
import type { Measurement } from './measurement.ts';
import { runProgram } from './run-program.ts';

export interface HttpLoad {
  readonly call: 'get' | 'set' | 'transact';
  /** Connections, each with one call in flight. */
  readonly clients: number;
}

const result = z.object({
  calls: z.number(),
  /** Microseconds. */
  duration: z.number(),
  p50: z.number(),
  p99: z.number(),
  failed: z.number(),
});

/** Calls a store through daprd's HTTP API with wrk; any status from 400 on counts as failed. */
export async function loadHttp(
  port: number,
  store: string,
  load: HttpLoad,
  seconds: number,
): Promise<Measurement> {
  const output = await runProgram('wrk', [
    '--threads=1',
    `--connections=${load.clients}`,
    `--duration=${Math.ceil(seconds)}s`,
    `--script=${join(import.meta.dirname, 'state-api.lua')}`,
    `http://127.0.0.1:${port}`,
    '--',
    load.call,
    store,
  ]);
  const line = /^RESULT (.*)$/m.exec(output)?.[1];
  if (line === undefined) throw new Error(`wrk printed no result: ${output}`);
  const { duration, ...rest } = result.parse(JSON.parse(line));
  return { ...rest, rate: rest.calls / (duration / 1e6) };
}

/** Writes every key that `get` reads. */
export async function fillKeys(port: number, store: string): Promise<void> {
  for (let i = 1; i <= 1000; i += 100) {
    const items = Array.from({ length: 100 }, (_, offset) => ({
      key: `key-${i + offset}`,
      value: 'v'.repeat(198),
    }));
    const response = await fetch(`http://127.0.0.1:${port}/v1.0/state/${store}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(items),
    });
    if (!response.ok) throw new Error(`${store} refuses to be filled: ${await response.text()}`);
  }
}

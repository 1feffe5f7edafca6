import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measurement, type Measurement } from './measurement.ts';
import { runProgram } from './run-program.ts';
import { COMPONENT, framed } from './state-messages.ts';

export interface GrpcLoad {
  /** Of StateStore. */
  readonly method: 'Get' | 'Set';
  readonly message: Buffer;
  /** Calls in flight, all on one connection, as daprd has it. */
  readonly inFlight: number;
}

/**
 * Sends one message again and again with h2load. `answerSize` is that of a good answer, in bytes
 * with its frame: h2load sees HTTP's status only, which is 200 for a failed gRPC call too, so
 * what failed is counted by the bytes that are missing.
 */
export async function loadGrpc(
  socket: string,
  load: GrpcLoad,
  seconds: number,
  answerSize: number,
  scratch: string,
): Promise<Measurement> {
  const body = join(scratch, 'request');
  const log = join(scratch, 'requests.log');
  await writeFile(body, framed(load.message));
  await rm(log, { force: true });
  const output = await runProgram('h2load', [
    `--base-uri=unix:${socket}`,
    '--clients=1',
    `--max-concurrent-streams=${load.inFlight}`,
    `--duration=${seconds}`,
    `--data=${body}`,
    `--log-file=${log}`,
    '--header=te: trailers',
    '--header=content-type: application/grpc',
    `--header=x-component-instance: ${COMPONENT}`,
    `http://localhost/dapr.proto.components.v1.StateStore/${load.method}`,
  ]);
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  const answered = lines.filter((line) => line.split('\t')[1] === '200');
  const micros = Float64Array.from(answered, (line) => Number(line.split('\t')[2]));
  const missing = answered.length * answerSize - dataBytes(output);
  const failed = lines.length - answered.length + Math.max(0, Math.round(missing / answerSize));
  return measurement(micros, seconds, failed);
}

/** The exact bytes of all answers' bodies, from `traffic: ... 118.01KB (120840) data`. */
function dataBytes(output: string): number {
  const found = /\((\d+)\) data/.exec(output);
  if (found === null) throw new Error(`h2load printed no traffic: ${output}`);
  return Number(found[1]);
}

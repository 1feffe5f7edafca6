import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePorts } from '../free-ports.ts';
import { ServedProcess } from '../served-process.ts';
import { daprProgram } from './dapr-program.ts';

/** A state store as daprd is to load it. */
export interface StoreComponent {
  /** Of the component: what a call's path names. */
  readonly name: string;
  /** e.g. `state.redis`. */
  readonly type: string;
  readonly version?: 'v1' | 'v2';
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Daprd extends AsyncDisposable {
  /** Of the HTTP API on 127.0.0.1. */
  readonly port: number;
}

/** One daprd with all these stores, pluggable ones on the sockets that are in `sockets` now. */
export async function startDaprd(
  scratch: string,
  sockets: string,
  components: readonly StoreComponent[],
): Promise<Daprd> {
  const program = await daprProgram('daprd');
  const resources = join(scratch, 'resources');
  await mkdir(resources, { recursive: true });
  for (const component of components)
    await writeFile(join(resources, `${component.name}.yaml`), stringify(resource(component)));

  const [port, grpcPort, internalPort] = await freePorts(3);
  const daprd = new ServedProcess(
    'daprd',
    join(scratch, 'logs', 'daprd.log'),
    program,
    [
      '--app-id=bench',
      `--resources-path=${resources}`,
      `--dapr-http-port=${port}`,
      `--dapr-grpc-port=${grpcPort}`,
      `--dapr-internal-grpc-port=${internalPort}`,
      '--dapr-listen-addresses=127.0.0.1',
      '--enable-metrics=false',
      '--log-level=warn',
    ],
    { env: { DAPR_COMPONENTS_SOCKETS_FOLDER: sockets } },
  );
  try {
    await daprd.until(async () => (await fetch(`http://127.0.0.1:${port}/v1.0/healthz`)).ok);
  } catch (error) {
    await daprd[Symbol.asyncDispose]();
    throw error;
  }
  return { port: port ?? 0, [Symbol.asyncDispose]: () => daprd[Symbol.asyncDispose]() };
}

function resource({ name, type, version = 'v1', metadata }: StoreComponent): object {
  return {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name },
    spec: {
      type,
      version,
      metadata: Object.entries(metadata).map(([key, value]) => ({ name: key, value })),
    },
  };
}

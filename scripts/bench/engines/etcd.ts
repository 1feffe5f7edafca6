import { join } from 'node:path';
import { freePorts } from '../free-ports.ts';
import { ServedProcess } from '../served-process.ts';
import type { RunningEngine } from './engine.ts';

/** One etcd with its defaults, which sync every write to disk, for both sides. */
export async function startEtcd(scratch: string): Promise<RunningEngine> {
  const [clientPort, peerPort] = await freePorts(2);
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const server = new ServedProcess('etcd', join(scratch, 'logs', 'etcd.log'), 'etcd', [
    `--data-dir=${join(scratch, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ]);
  await server.until(async () => (await fetch(`${client}/health`)).ok);
  return {
    builtIn: {
      type: 'state.etcd',
      version: 'v2',
      metadata: {
        endpoints: `127.0.0.1:${clientPort}`,
        keyPrefixPath: 'daprd',
        tlsEnable: 'false',
      },
    },
    own: { 'kv.engine': 'etcd', 'kv.url': client },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, freePorts } from './free-port.ts';
import { ServerProcess, temporaryFolder } from './server-process.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly process: ServerProcess;
  /** One command as words, for what a test must see or do behind the engine's back. */
  readonly command: (...words: string[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface RedisOptions {
  readonly password?: string;
  readonly port?: number;
  readonly args?: readonly string[];
}

/** Every write is on the disk before it is acknowledged. */
const SETTINGS = '--bind 127.0.0.1 --save  --appendonly yes --appendfsync always'.split(' ');

/** Starts redis-server on a free port. What it acknowledged survives `process.kill()`. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { password, port = await freePort(), args = [] } = options;
  const folder = temporaryFolder('redis');
  const command = (...words: string[]): Promise<string> =>
    ask(port, [...(password === undefined ? [] : [['AUTH', password]]), words]);
  const process = new ServerProcess({
    command: 'redis-server',
    args: [
      '--port',
      String(port),
      '--dir',
      folder.path,
      ...SETTINGS,
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...args,
    ],
    isReady: () =>
      command('PING').then(
        (reply) => reply.includes('+PONG'),
        () => false,
      ),
  });
  const close = async (): Promise<void> => {
    await process.kill();
    folder.remove();
  };
  try {
    await process.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, port, process, command, close };
}

export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  readonly close: () => Promise<void>;
}

const SLOTS = 16_384;

/** Starts a Redis cluster of three masters. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    // The cluster's own port lies 10,000 above, which must fit as well.
    const ports = await clusterPorts(3);
    for (const port of ports) {
      nodes.push(
        await startRedis({
          port,
          args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
        }),
      );
    }
    for (const [index, node] of nodes.entries()) {
      const first = Math.floor((SLOTS * index) / nodes.length);
      const last = Math.floor((SLOTS * (index + 1)) / nodes.length) - 1;
      await node.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
      await nodes[0]?.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
    }
    const isWhole = async (node: RedisServer): Promise<boolean> => {
      const info = await node.command('CLUSTER', 'INFO');
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    };
    while (!(await Promise.all(nodes.map(isWhole))).every(Boolean)) await pause(50);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: nodes[0]?.url ?? '', nodes, close };
}

async function clusterPorts(count: number): Promise<number[]> {
  for (;;) {
    const ports = await freePorts(count);
    if (ports.every((port) => port < 55_000)) return ports;
  }
}

/** Sends commands on a connection of its own and gives everything that came back. */
function ask(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => (answer += String(text)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    const encode = (words: readonly string[]): string =>
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    socket.end([...commands, ['QUIT']].map(encode).join(''));
  });
}

import { connect } from 'node:net';
import { join } from 'node:path';
import { EtcdAdmin } from './etcd-admin.ts';
import { freePorts } from './free-port.ts';
import { ServerProcess, temporaryFolder } from './server-process.ts';

export interface EtcdServer {
  readonly url: string;
  readonly port: number;
  /** The file of its own certificate, where it has one. */
  readonly certificate: string;
  readonly process: ServerProcess;
  readonly close: () => Promise<void>;
}

export interface EtcdOptions {
  readonly password?: string;
  /** With a certificate that it signs itself. */
  readonly tls?: boolean;
}

/**
 * Starts etcd on free ports. With a password it wants user `root` and that password. What it
 * acknowledged survives `process.kill()`.
 */
export async function startEtcd(options: EtcdOptions = {}): Promise<EtcdServer> {
  const folder = temporaryFolder('etcd');
  const [port = 0, peer = 0] = await freePorts(2);
  const url = `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`;
  const flags = {
    'data-dir': folder.path,
    'listen-client-urls': url,
    'advertise-client-urls': url,
    'listen-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-cluster': `default=http://127.0.0.1:${peer}`,
    'auto-tls': String(options.tls === true),
    'log-level': 'error',
    logger: 'zap',
  };
  const process = new ServerProcess({
    command: 'etcd',
    args: Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    isReady: () => listens(port),
  });
  const close = async (): Promise<void> => {
    await process.kill();
    folder.remove();
  };
  try {
    await process.start();
    if (options.password !== undefined) await new EtcdAdmin(url).wantPassword(options.password);
  } catch (error) {
    await close();
    throw error;
  }
  const certificate = join(folder.path, 'fixtures/client/cert.pem');
  return { url, port, certificate, process, close };
}

/** etcd listens for clients when it has a leader and serves. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

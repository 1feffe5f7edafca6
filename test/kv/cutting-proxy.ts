import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where a connection is cut: the request never arrives, or its answer never comes back. */
export type Cut = 'before the server' | 'after the server';

/** Whether a piece of a connection holds a request or an answer, or a part of one. */
export type CarriesMessage = (bytes: Buffer) => boolean;

const FRAME_HEADER = 9;
const HEADERS_FRAME = 1;

/** Of HTTP/2, whose ends also say things of their own accord, such as PING and its answer. */
export function carriesHttp2Message(bytes: Buffer): boolean {
  for (
    let at = 0;
    at + FRAME_HEADER <= bytes.length;
    at += FRAME_HEADER + bytes.readUIntBE(at, 3)
  ) {
    if (bytes[at + 3] === HEADERS_FRAME) return true;
  }
  return false;
}

/** Passes TCP connections on, cuts one at the request, or lets them fall silent. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #carries: CarriesMessage;
  #target: number;
  readonly #sockets = new Set<Socket>();
  #armed: Cut | undefined;

  private constructor(target: number, carries: CarriesMessage) {
    this.#target = target;
    this.#carries = carries;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(target: number, carries: CarriesMessage = () => true): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, carries);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connection on which the next request comes is cut, once. */
  cutNext(where: Cut): void {
    this.#armed = where;
  }

  /** Connections from now on go to another server, as when a name leads elsewhere. */
  retarget(port: number): void {
    this.#target = port;
  }

  /** From now on nothing passes on the connections that there are; they stay open. */
  muteAll(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('data').resume();
  }

  /** Cuts every connection that there is. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1');
    let doomed = false;
    const cut = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        cut();
      });
      socket.on('error', cut);
    }
    client.on('data', (bytes: Buffer) => {
      const armed = this.#armed;
      if (armed !== undefined && this.#carries(bytes)) {
        this.#armed = undefined;
        if (armed === 'before the server') return cut();
        doomed = true;
      }
      server.write(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (doomed && this.#carries(bytes)) cut();
      else client.write(bytes);
    });
  }
}

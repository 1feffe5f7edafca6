import { connect, type ClientHttp2Session } from 'node:http2';
import { duplexPair } from 'node:stream';
import type { GrpcJsServer, ServedServices } from './grpc-js-server.ts';
import { BridgedStream } from './bridged-stream.ts';
import type { RequestHead } from './http2/request-head.ts';
import type { Http2Stream, StreamListener } from './http2/stream.ts';

/**
 * grpc-js behind the connections of this process's own: it answers what is no plain unary call,
 * such as reflection, health, compressed requests and methods that do not exist. It is loaded when the
 * first of these comes, which saves a thread that serves nothing else its memory.
 */
export class Fallback {
  readonly #served: ServedServices;
  #healthy: boolean;
  #server: Promise<GrpcJsServer> | undefined;

  constructor(served: ServedServices, healthy: boolean) {
    this.#served = served;
    this.#healthy = healthy;
  }

  /** For one connection of a client's. */
  bridge(): Bridge {
    return new Bridge(() => this.#run());
  }

  /** What health says of the services from now on. */
  setHealthy(healthy: boolean): void {
    this.#healthy = healthy;
    this.#server?.then((server) => server.setHealthy(healthy)).catch(() => undefined);
  }

  async close(): Promise<void> {
    const server = await this.#server?.catch(() => undefined);
    server?.close();
  }

  #run(): Promise<GrpcJsServer> {
    this.#server ??= this.#start().catch((error: unknown) => {
      // Whoever comes next tries again.
      this.#server = undefined;
      throw error;
    });
    return this.#server;
  }

  async #start(): Promise<GrpcJsServer> {
    const { GrpcJsServer } = await import('./grpc-js-server.ts');
    const server = new GrpcJsServer(this.#served);
    server.setHealthy(this.#healthy);
    return server;
  }
}

/**
 * The way of one client's requests to grpc-js, made for the first of them. Nobody else's are on
 * it: what Node's limits on a connection cut off is the client's own.
 */
export class Bridge {
  readonly #server: () => Promise<GrpcJsServer>;
  #session: Promise<ClientHttp2Session> | undefined;

  constructor(server: () => Promise<GrpcJsServer>) {
    this.#server = server;
  }

  /** Hands a request on. */
  open(stream: Http2Stream, head: RequestHead): StreamListener {
    this.#session ??= this.#connect().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return new BridgedStream(stream, head, this.#session);
  }

  /** The client has gone. */
  close(): void {
    this.#session?.then((session) => session.destroy()).catch(() => undefined);
  }

  async #connect(): Promise<ClientHttp2Session> {
    const server = await this.#server();
    const [near, far] = duplexPair();
    server.accept(far);
    const session = connect('http://wasmstate', {
      createConnection: () => near,
      settings: { enablePush: false },
    });
    session.on('error', () => undefined);
    session.on('close', () => {
      this.#session = undefined;
    });
    return session;
  }
}

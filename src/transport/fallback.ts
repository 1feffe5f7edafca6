import { connect, type ClientHttp2Session } from 'node:http2';
import { duplexPair } from 'node:stream';
import type { GrpcJsServer, ServedServices } from './grpc-js-server.ts';
import { BridgedStream } from './bridged-stream.ts';
import type { RequestHead } from './http2/request-head.ts';
import type { Http2Stream, StreamListener } from './http2/stream.ts';

interface Running {
  readonly server: GrpcJsServer;
  readonly session: ClientHttp2Session;
}

/**
 * grpc-js behind the connections of this process's own: it answers what is no plain unary call,
 * such as reflection, health, compressed requests and methods that do not exist. It is loaded when the
 * first of these comes, which saves a thread that serves nothing else its memory.
 */
export class Fallback {
  readonly #served: ServedServices;
  #healthy: boolean;
  #running: Promise<Running> | undefined;

  constructor(served: ServedServices, healthy: boolean) {
    this.#served = served;
    this.#healthy = healthy;
  }

  /** Hands a request on. */
  open(stream: Http2Stream, head: RequestHead): StreamListener {
    const session = this.#run().then((running) => running.session);
    return new BridgedStream(stream, head, session);
  }

  /** What health says of the services from now on. */
  setHealthy(healthy: boolean): void {
    this.#healthy = healthy;
    this.#running?.then(({ server }) => server.setHealthy(healthy)).catch(() => undefined);
  }

  async close(): Promise<void> {
    const running = await this.#running?.catch(() => undefined);
    running?.session.destroy();
  }

  #run(): Promise<Running> {
    this.#running ??= this.#start().catch((error: unknown) => {
      // Whoever comes next tries again.
      this.#running = undefined;
      throw error;
    });
    return this.#running;
  }

  async #start(): Promise<Running> {
    const { GrpcJsServer } = await import('./grpc-js-server.ts');
    const server = new GrpcJsServer(this.#served);
    server.setHealthy(this.#healthy);
    const [near, far] = duplexPair();
    server.accept(far);
    const session = connect('http://wasmstate', {
      createConnection: () => near,
      settings: { enablePush: false },
    });
    session.on('error', () => undefined);
    session.on('close', () => {
      this.#running = undefined;
      server.close();
    });
    return { server, session };
  }
}

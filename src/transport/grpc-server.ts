import { createServer, type Server } from 'node:net';
import type { UnaryHandler } from '../service/state-store.ts';
import { Fallback, type Bridge } from './fallback.ts';
import type { ServedServices } from './grpc-js-server.ts';
import { readTimeout } from './grpc-timeout.ts';
import { Http2Connection } from './http2/connection.ts';
import { fieldOf, type RequestHead } from './http2/request-head.ts';
import type { Http2Stream, StreamListener } from './http2/stream.ts';
import { UnaryCall } from './unary-call.ts';

export interface GrpcServerOptions extends ServedServices {
  /** What grpc.health.v1 says of the services, until they close; default: true. */
  readonly healthy?: boolean;
}

/**
 * gRPC on a Unix socket, with reflection (v1 and v1alpha) and grpc.health.v1. Plain unary calls
 * take the short way, over HTTP/2 of our own; grpc-js answers everything else.
 */
export class GrpcServer {
  readonly #handlers: ReadonlyMap<string, UnaryHandler>;
  readonly #maxRequest: number;
  readonly #fallback: Fallback;
  readonly #server: Server;
  readonly #connections = new Set<Http2Connection>();

  constructor({ services, maxRequest, healthy = true }: GrpcServerOptions) {
    this.#handlers = new Map(
      services.flatMap(({ name, handlers }) =>
        Object.entries(handlers).map(([method, handler]) => [`/${name}/${method}`, handler]),
      ),
    );
    this.#maxRequest = maxRequest < 0 ? Infinity : maxRequest;
    this.#fallback = new Fallback({ services, maxRequest }, healthy);
    this.#server = createServer((socket) => {
      const bridge = this.#fallback.bridge();
      const connection = new Http2Connection(socket, (stream, head) =>
        this.#open(stream, head, bridge),
      );
      this.#connections.add(connection);
      socket.once('close', () => {
        this.#connections.delete(connection);
        bridge.close();
      });
    });
  }

  /** Listens at a path that does not exist yet. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  /**
   * Takes no more connections, tells the open ones to go elsewhere, and waits for the calls
   * that it took, `grace` ms at the longest; then the rest is cut.
   */
  async close(grace: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#fallback.setHealthy(false);
    for (const connection of this.#connections) connection.drain();
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, grace);
    await closed;
    clearTimeout(cut);
    await this.#fallback.close();
  }

  #open(stream: Http2Stream, head: RequestHead, bridge: Bridge): StreamListener {
    const handler = this.#handlers.get(head.path);
    const timeout = readTimeout(fieldOf(head.fields, 'grpc-timeout'));
    if (handler === undefined || timeout === undefined || !isPlain(head)) {
      return bridge.open(stream, head);
    }
    return new UnaryCall(stream, head.fields, { handler, maxRequest: this.#maxRequest, timeout });
  }
}

/** A gRPC request whose messages are not compressed. */
function isPlain({ method, fields }: RequestHead): boolean {
  return (
    method === 'POST' &&
    fieldOf(fields, 'content-type')?.startsWith('application/grpc') === true &&
    (fieldOf(fields, 'grpc-encoding') ?? 'identity') === 'identity'
  );
}

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnaryHandler } from '../../src/service/state-store.ts';
import { GrpcServer } from '../../src/transport/grpc-server.ts';

export const SERVICE = 'dapr.proto.components.v1.StateStore';
export const PATH = `/${SERVICE}/Get`;

/** A server on a socket of its own whose one method is `handler`. */
export class ByteStore implements AsyncDisposable {
  readonly server: GrpcServer;
  readonly socket: string;
  readonly #folder: string;

  private constructor(server: GrpcServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    this.socket = join(folder, 'store.sock');
  }

  static async start(handler: UnaryHandler, maxRequest = 1024 ** 2): Promise<ByteStore> {
    const services = [{ name: SERVICE, handlers: { Get: handler } }];
    const store = new ByteStore(
      new GrpcServer({ services, maxRequest }),
      await mkdtemp(join(tmpdir(), 'wasmstate-transport-')),
    );
    await store.server.listen(store.socket);
    return store;
  }

  connect(): Socket {
    return connect(this.socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close(0);
    await rm(this.#folder, { recursive: true });
  }
}

import { Client, Metadata, credentials, status } from '@grpc/grpc-js';
import { COMPONENT } from '../bench/state-messages.ts';

const LIMIT_MS = 30_000;
const same = (bytes: Buffer): Buffer => bytes;

/** A connection to a plugin's socket that lives as long as the soak, as daprd's does. */
export class StoreClient implements Disposable {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(socket: string) {
    this.#metadata.set('x-component-instance', COMPONENT);
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_reconnect_backoff_ms': 100,
      'grpc.initial_reconnect_backoff_ms': 20,
    });
  }

  /** A method of StateStore; gives the status's name, `OK` for a good answer. */
  call(method: string, message: Uint8Array): Promise<keyof typeof status> {
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        `/dapr.proto.components.v1.StateStore/${method}`,
        same,
        same,
        Buffer.from(message),
        this.#metadata,
        { deadline: Date.now() + LIMIT_MS },
        (error) => resolve(error === null ? 'OK' : (status[error.code] as keyof typeof status)),
      );
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

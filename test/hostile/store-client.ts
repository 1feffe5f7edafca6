import { Client, Metadata, credentials, status, type ServiceError } from '@grpc/grpc-js';
import {
  GetRequest,
  GetResponse,
  InitRequest,
  SetRequest,
} from '../../src/gen/dapr/proto/components/v1/state.ts';

/** ms */
const TIMEOUT = 10_000;

/** What came of a call: a gRPC status by name, its message, and the data of a Get. */
export interface Answer {
  readonly code: string;
  readonly message: string;
  readonly data: string;
}

const bytes = (buffer: Buffer): Buffer => buffer;

/** One connection to a plugin's socket, as one component. */
export class StoreClient {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(socket: string, component = 'hostile') {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure());
    this.#metadata.set('x-component-instance', component);
  }

  call(method: string, request: Uint8Array): Promise<Answer> {
    return this.callAny(`StateStore/${method}`, request);
  }

  /** `service/method`, of any of Dapr's services. */
  callAny(method: string, request: Uint8Array): Promise<Answer> {
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        `/dapr.proto.components.v1.${method}`,
        bytes,
        bytes,
        Buffer.from(request),
        this.#metadata,
        { deadline: Date.now() + TIMEOUT },
        (error: ServiceError | null, response?: Buffer) => {
          const data = method === 'StateStore/Get' && error === null ? readData(response) : '';
          resolve({
            code: status[error?.code ?? status.OK] ?? '',
            message: error?.details ?? '',
            data,
          });
        },
      );
    });
  }

  init(properties: Record<string, string> = {}): Promise<Answer> {
    return this.call('Init', InitRequest.encode({ metadata: { properties } }).finish());
  }

  get(key: string): Promise<Answer> {
    const request = GetRequest.encode({ key, metadata: {}, consistency: 0 });
    return this.call('Get', request.finish());
  }

  set(key: string, value: string): Promise<Answer> {
    const request = SetRequest.encode({
      key,
      value: Buffer.from(value),
      etag: undefined,
      metadata: {},
      options: undefined,
      contentType: '',
    });
    return this.call('Set', request.finish());
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function readData(response: Buffer | undefined): string {
  try {
    return Buffer.from(GetResponse.decode(response ?? Buffer.alloc(0)).data).toString();
  } catch {
    return 'no message';
  }
}

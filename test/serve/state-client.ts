import { Client, Metadata, connectivityState, credentials } from '@grpc/grpc-js';
import {
  FeaturesRequest,
  FeaturesResponse,
  PingRequest,
  PingResponse,
} from '../../src/gen/dapr/proto/components/v1/common.ts';
import * as dapr from '../../src/gen/dapr/proto/components/v1/state.ts';
import { RpcError } from './rpc-error.ts';
import {
  deleteRequest,
  getRequest,
  operation,
  setRequest,
  type DeleteFields,
  type GetFields,
  type Operation,
  type SetFields,
} from './state-requests.ts';

const PACKAGE = 'dapr.proto.components.v1';
const COMPONENT_HEADER = 'x-component-instance';

/** It only bounds a hang. */
const LIMIT = 60_000;

export interface CallOptions {
  /** ms from now on, sent as the call's deadline. */
  readonly timeout?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/**
 * A connection of its own to a plugin's socket, as daprd has one for each component. Every method
 * fails with RpcError. Like daprd it receives 4 MiB at the most.
 */
export class StateClient implements Disposable {
  readonly #client: Client;
  readonly #component: string | undefined;

  private constructor(client: Client, component: string | undefined) {
    this.#client = client;
    this.#component = component;
  }

  /** @param component what the header names; it may be empty */
  static connect(socket: string, component = 'component'): StateClient {
    const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 20,
      'grpc.max_reconnect_backoff_ms': 100,
    });
    return new StateClient(client, component);
  }

  /**
   * Another component over the same connection, which stays the first one's to close.
   *
   * @param component undefined: calls have no header
   */
  as(component: string | undefined): StateClient {
    return new StateClient(this.#client, component);
  }

  /** Whether the connection stands, without making one. */
  get isConnected(): boolean {
    return this.#client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  async init(
    properties: Readonly<Record<string, string>> = {},
    options?: CallOptions,
  ): Promise<void> {
    const request = { metadata: { properties: { ...properties } } };
    await this.#unary('Init', dapr.InitRequest, dapr.InitResponse, request, options);
  }

  async features(options?: CallOptions): Promise<readonly string[]> {
    return (await this.#unary('Features', FeaturesRequest, FeaturesResponse, {}, options)).features;
  }

  async ping(options?: CallOptions): Promise<void> {
    await this.#unary('Ping', PingRequest, PingResponse, {}, options);
  }

  get(key: string, fields: GetFields = {}, options?: CallOptions): Promise<dapr.GetResponse> {
    const request = getRequest({ ...fields, key });
    return this.#unary('Get', dapr.GetRequest, dapr.GetResponse, request, options);
  }

  /** The value as text; empty where there is none. */
  async text(key: string, options?: CallOptions): Promise<string> {
    return (await this.get(key, {}, options)).data.toString();
  }

  async set(
    key: string,
    value: Uint8Array | string,
    fields: SetFields = {},
    options?: CallOptions,
  ): Promise<void> {
    const request = setRequest({ ...fields, key, value });
    await this.#unary('Set', dapr.SetRequest, dapr.SetResponse, request, options);
  }

  async delete(key: string, fields: DeleteFields = {}, options?: CallOptions): Promise<void> {
    const request = deleteRequest({ ...fields, key });
    await this.#unary('Delete', dapr.DeleteRequest, dapr.DeleteResponse, request, options);
  }

  async bulkGet(
    keys: readonly string[],
    options?: CallOptions,
  ): Promise<readonly dapr.BulkStateItem[]> {
    const request = { items: keys.map((key) => getRequest({ key })), options: undefined };
    const { BulkGetRequest, BulkGetResponse } = dapr;
    return (await this.#unary('BulkGet', BulkGetRequest, BulkGetResponse, request, options)).items;
  }

  async bulkSet(items: readonly SetFields[], options?: CallOptions): Promise<void> {
    const request = { items: items.map(setRequest), options: undefined };
    await this.#unary('BulkSet', dapr.BulkSetRequest, dapr.BulkSetResponse, request, options);
  }

  async bulkDelete(items: readonly DeleteFields[], options?: CallOptions): Promise<void> {
    const request = { items: items.map(deleteRequest), options: undefined };
    const { BulkDeleteRequest, BulkDeleteResponse } = dapr;
    await this.#unary('BulkDelete', BulkDeleteRequest, BulkDeleteResponse, request, options);
  }

  async transact(operations: readonly Operation[], options?: CallOptions): Promise<void> {
    await this.#unary(
      'Transact',
      dapr.TransactionalStateRequest,
      dapr.TransactionalStateResponse,
      { operations: operations.map(operation), metadata: {} },
      options,
    );
  }

  query(query: dapr.Query, options?: CallOptions): Promise<dapr.QueryResponse> {
    const request = { query, metadata: {} };
    return this.#unary('Query', dapr.QueryRequest, dapr.QueryResponse, request, options);
  }

  async multiMaxSize(options?: CallOptions): Promise<bigint> {
    const { MultiMaxSizeRequest, MultiMaxSizeResponse } = dapr;
    return (
      await this.#unary('MultiMaxSize', MultiMaxSizeRequest, MultiMaxSizeResponse, {}, options)
    ).maxSize;
  }

  /**
   * Any method of any service with its messages as bytes.
   *
   * @param method in full, as `grpc.health.v1.Health/Check`, or one of Dapr's four services
   */
  call(method: string, request: Uint8Array, options: CallOptions = {}): Promise<Buffer> {
    const { timeout = LIMIT, signal } = options;
    const metadata = new Metadata();
    if (this.#component !== undefined) metadata.set(COMPONENT_HEADER, this.#component);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const call = this.#client.makeUnaryRequest(
        `/${method.includes('/') ? method : `${PACKAGE}.${serviceOf(method)}/${method}`}`,
        asIs,
        asIs,
        Buffer.from(request.buffer, request.byteOffset, request.byteLength),
        metadata,
        { deadline: Date.now() + timeout },
        (error, response) => {
          signal?.removeEventListener('abort', cancel);
          if (error === null) resolve(response ?? Buffer.alloc(0));
          else reject(new RpcError(error));
        },
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener('abort', cancel);
    });
  }

  async #unary<Request, Response>(
    method: string,
    request: Codec<Request>,
    response: Codec<Response>,
    message: Request,
    options?: CallOptions,
  ): Promise<Response> {
    return response.decode(await this.call(method, request.encode(message).finish(), options));
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function serviceOf(method: string): string {
  if (method === 'Transact') return 'TransactionalStateStore';
  if (method === 'Query') return 'QueriableStateStore';
  return method === 'MultiMaxSize' ? 'TransactionalStoreMultiMaxSize' : 'StateStore';
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

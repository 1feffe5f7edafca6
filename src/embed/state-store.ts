import type { CallContext } from '../component/call-context.ts';
import type { Component } from '../component/component.ts';
import { WasmstateError } from '../error.ts';
import * as dapr from '../gen/dapr/proto/components/v1/state.ts';
import { GuestError } from '../guest/guest-error.ts';
import type { Method } from '../guest/methods.ts';

/** A value and what the store keeps with it. */
export interface StateItem {
  readonly key: string;
  readonly data: Uint8Array;
  /** Changes with every write; undefined where the store has no etags. */
  readonly etag: string | undefined;
  readonly contentType: string;
  /** What the store tells besides, as `ttlExpireTime`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CallOptions {
  /** Milliseconds from now after which the caller no longer waits; default: the plugin's limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface DeleteOperation {
  readonly key: string;
  /** Of the value that is to be written over or deleted; a mismatch fails with ETAG_MISMATCH. */
  readonly etag?: string;
  /** `first-write` without an etag: the key must not exist. */
  readonly concurrency?: 'first-write' | 'last-write';
  readonly consistency?: 'eventual' | 'strong';
  /** As in Dapr, for example `ttlInSeconds`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface SetOperation extends DeleteOperation {
  /** Text is stored as UTF-8. */
  readonly value: Uint8Array | string;
  readonly contentType?: string;
}

export type Operation =
  | ({ readonly operation: 'set' } & SetOperation)
  | ({ readonly operation: 'delete' } & DeleteOperation);

/** Dapr's query as its HTTP API takes it. */
export interface Query {
  /** For example `{ EQ: { state: 'CA' } }`. */
  readonly filter?: Readonly<Record<string, unknown>>;
  readonly sort?: readonly { readonly key: string; readonly order?: 'ASC' | 'DESC' }[];
  readonly page?: { readonly limit?: number; readonly token?: string };
}

const EMPTY = new Uint8Array();

/**
 * One component of a plugin, called from the application itself. Every method fails with
 * WasmstateError; what the guest answered is a GuestError with its `fault`.
 */
export class StateStore {
  readonly #component: Component;
  readonly #name: string;
  readonly #closed: () => void;

  constructor(component: Component, name: string, closed: () => void) {
    this.#component = component;
    this.#name = name;
    this.#closed = closed;
  }

  /** What the store can do, in Dapr's words: ETAG, TRANSACTIONAL, TTL, QUERY_API. */
  get features(): ReadonlySet<string> {
    return this.#component.features;
  }

  /** Undefined where there is no such key. */
  async get(key: string, options?: CallOptions): Promise<StateItem | undefined> {
    const request = dapr.GetRequest.encode({ key, metadata: {}, consistency: 0 }).finish();
    const response = await this.call('Get', request, options);
    return response.length === 0 ? undefined : item(key, dapr.GetResponse.decode(response));
  }

  async set(
    key: string,
    value: SetOperation['value'],
    write: Omit<SetOperation, 'key' | 'value'> = {},
    options?: CallOptions,
  ): Promise<void> {
    const request = dapr.SetRequest.encode(setRequest({ ...write, key, value })).finish();
    await this.call('Set', request, options);
  }

  async delete(
    key: string,
    write: Omit<DeleteOperation, 'key'> = {},
    options?: CallOptions,
  ): Promise<void> {
    const request = dapr.DeleteRequest.encode(deleteRequest({ ...write, key })).finish();
    await this.call('Delete', request, options);
  }

  /** In the order of the keys, undefined for those that are not there. */
  async bulkGet(
    keys: readonly string[],
    options?: CallOptions,
  ): Promise<readonly (StateItem | undefined)[]> {
    const items = keys.map((key) => ({ key, metadata: {}, consistency: 0 as const }));
    const request = dapr.BulkGetRequest.encode({ items, options: undefined }).finish();
    const response = dapr.BulkGetResponse.decode(await this.call('BulkGet', request, options));
    return response.items.map((found) => {
      throwItemError(found);
      const missing = found.etag === undefined && found.data.length === 0;
      return missing ? undefined : item(found.key, found);
    });
  }

  async bulkSet(operations: readonly SetOperation[], options?: CallOptions): Promise<void> {
    const items = operations.map(setRequest);
    await this.call(
      'BulkSet',
      dapr.BulkSetRequest.encode({ items, options: undefined }).finish(),
      options,
    );
  }

  async bulkDelete(operations: readonly DeleteOperation[], options?: CallOptions): Promise<void> {
    const items = operations.map(deleteRequest);
    await this.call(
      'BulkDelete',
      dapr.BulkDeleteRequest.encode({ items, options: undefined }).finish(),
      options,
    );
  }

  /** All operations happen, in order, or none. */
  async transact(operations: readonly Operation[], options?: CallOptions): Promise<void> {
    const request = dapr.TransactionalStateRequest.encode({
      operations: operations.map((operation) => ({
        request:
          operation.operation === 'set'
            ? { $case: 'set', value: setRequest(operation) }
            : { $case: 'delete', value: deleteRequest(operation) },
      })),
      metadata: {},
    }).finish();
    await this.call('Transact', request, options);
  }

  /** Items in the asked order, and the token of the next page where there is one. */
  async query(
    { filter = {}, sort = [], page = {} }: Query,
    options?: CallOptions,
  ): Promise<{ readonly items: readonly StateItem[]; readonly token: string | undefined }> {
    const request = dapr.QueryRequest.encode({
      query: {
        filter: Object.fromEntries(
          Object.entries(filter).map(([operator, operands]) => [
            operator,
            { typeUrl: '', value: operandBytes(operator, operands) },
          ]),
        ),
        sort: sort.map(({ key, order }) => ({
          key,
          order: order === 'DESC' ? dapr.Sorting_Order.DESC : dapr.Sorting_Order.ASC,
        })),
        pagination: { limit: pageLimit(page.limit), token: page.token ?? '' },
      },
      metadata: {},
    }).finish();
    const response = dapr.QueryResponse.decode(await this.call('Query', request, options));
    response.items.forEach(throwItemError);
    return {
      items: response.items.map((found) => item(found.key, { ...found, metadata: {} })),
      token: response.token === '' ? undefined : response.token,
    };
  }

  /** Any RPC with Dapr's own serialised messages. */
  async call(
    method: Method,
    request: Uint8Array = EMPTY,
    { timeout, signal }: CallOptions = {},
  ): Promise<Uint8Array> {
    const context: CallContext = {
      component: this.#name,
      deadline: timeout === undefined ? Infinity : performance.now() + timeout,
      signal,
    };
    return this.#component.call(method, request, context);
  }

  /** Lets calls in flight end and lets go of the store. */
  async close(): Promise<void> {
    this.#closed();
    await this.#component.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The wire has no more than a text for what went wrong with one of several items. */
function throwItemError({ key, error }: { readonly key: string; readonly error: string }): void {
  if (error !== '') throw new GuestError(`key ${key}: ${error}`, { reason: '', code: 'UNKNOWN' });
}

function item(
  key: string,
  found: Pick<dapr.GetResponse, 'data' | 'etag' | 'contentType' | 'metadata'>,
): StateItem {
  const { data, etag, contentType, metadata } = found;
  return { key, data, etag: etag?.value, contentType, metadata };
}

function operandBytes(operator: string, operands: unknown): Buffer {
  let text: string | undefined;
  try {
    text = JSON.stringify(operands);
  } catch (cause) {
    throw invalid(`filter.${operator}: must be what JSON can hold`, cause);
  }
  if (text === undefined) throw invalid(`filter.${operator}: must be what JSON can hold`);
  return Buffer.from(text);
}

function pageLimit(limit = 0): bigint {
  // Which ones it takes the store says.
  if (Number.isSafeInteger(limit)) return BigInt(limit);
  throw invalid('page.limit: must be a whole number');
}

function invalid(message: string, cause?: unknown): WasmstateError {
  return new WasmstateError('INVALID_ARGUMENT', message, { cause });
}

const CONCURRENCY = { 'first-write': 1, 'last-write': 2 } as const;
const CONSISTENCY = { eventual: 1, strong: 2 } as const;

function deleteRequest({
  key,
  etag,
  concurrency,
  consistency,
  metadata,
}: DeleteOperation): dapr.DeleteRequest {
  return {
    key,
    etag: etag === undefined ? undefined : { value: etag },
    metadata: { ...metadata },
    options: {
      concurrency: concurrency === undefined ? 0 : CONCURRENCY[concurrency],
      consistency: consistency === undefined ? 0 : CONSISTENCY[consistency],
    },
  };
}

function setRequest(operation: SetOperation): dapr.SetRequest {
  const { value, contentType = '' } = operation;
  return { ...deleteRequest(operation), value: Buffer.from(value), contentType };
}

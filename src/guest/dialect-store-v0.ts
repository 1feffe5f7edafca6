import * as dapr from '../gen/dapr/proto/components/v1/state.ts';
import * as store from '../gen/wasmstate/store/v0/store.ts';
import { decodeRequest, decodeResponse } from './decode.ts';
import type { Dialect } from './dialect.ts';

const EMPTY = new Uint8Array();

const CONSISTENCY: Readonly<Record<number, string>> = {
  [dapr.StateOptions_StateConsistency.CONSISTENCY_EVENTUAL]: 'eventual',
  [dapr.StateOptions_StateConsistency.CONSISTENCY_STRONG]: 'strong',
};

const CONCURRENCY: Readonly<Record<number, string>> = {
  [dapr.StateOptions_StateConcurrency.CONCURRENCY_FIRST_WRITE]: 'first-write',
  [dapr.StateOptions_StateConcurrency.CONCURRENCY_LAST_WRITE]: 'last-write',
};

function options(of: dapr.StateOptions | undefined) {
  return of === undefined
    ? undefined
    : {
        concurrency: CONCURRENCY[of.concurrency] ?? '',
        consistency: CONSISTENCY[of.consistency] ?? '',
      };
}

/**
 * The first prototype's guests: messages of their own (proto/wasmstate/store/v0/store.proto)
 * and no way to report an error, so that a failed Get reads as a missing key.
 */
export const storeV0Dialect: Dialect = {
  name: 'store-v0.1',
  versionExports: ['store_api_version'],
  required: ['Init', 'Features', 'Get', 'Set', 'Delete'],
  hasErrorBit: false,
  allocatesEmpty: true,
  exportNames: {
    Init: 'store_init',
    Features: 'store_features',
    Get: 'store_get',
    Set: 'store_set',
    Delete: 'store_delete',
  },
  translations: {
    Init: {
      request(bytes) {
        const { metadata } = decodeRequest(dapr.InitRequest, 'InitRequest', bytes);
        return store.InitRequest.encode({
          // Dapr sends a component's name beside the message, not in it.
          metadata: { name: '', properties: metadata?.properties ?? {} },
        }).finish();
      },
      response: () => EMPTY,
    },
    Get: {
      request(bytes) {
        const { key, metadata, consistency } = decodeRequest(dapr.GetRequest, 'GetRequest', bytes);
        const word = CONSISTENCY[consistency];
        return store.GetRequest.encode({
          key,
          metadata,
          options: word === undefined ? undefined : { consistency: word },
        }).finish();
      },
      response(bytes) {
        const { data, etag, metadata, contentType } = decodeResponse(
          store.GetResponse,
          'GetResponse',
          bytes,
        );
        return dapr.GetResponse.encode({
          data,
          etag: etag === '' ? undefined : { value: etag },
          metadata,
          contentType,
        }).finish();
      },
    },
    Set: {
      request(bytes) {
        const request = decodeRequest(dapr.SetRequest, 'SetRequest', bytes);
        return store.SetRequest.encode({
          key: request.key,
          data: request.value,
          etag: request.etag?.value ?? '',
          metadata: request.metadata,
          options: options(request.options),
          contentType: request.contentType,
        }).finish();
      },
      response: () => EMPTY,
    },
    Delete: {
      request(bytes) {
        const request = decodeRequest(dapr.DeleteRequest, 'DeleteRequest', bytes);
        return store.DeleteRequest.encode({
          key: request.key,
          etag: request.etag?.value ?? '',
          metadata: request.metadata,
          options: options(request.options),
        }).finish();
      },
      response: () => EMPTY,
    },
    // FeaturesResponse is the same message in both, field for field.
  },
};

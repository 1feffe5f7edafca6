import * as dapr from '../gen/dapr/proto/components/v1/state.ts';
import { decodeRequest, decodeResponse } from '../guest/decode.ts';
import { GuestError } from '../guest/guest-error.ts';
import type { MaybePromise } from '../guest/instance.ts';
import type { Method } from '../guest/methods.ts';

type Single = (method: Method, request: Uint8Array) => MaybePromise<Uint8Array>;
/** One bulk call made of single ones. */
export type Bulk = (request: Uint8Array, single: Single) => Promise<Uint8Array>;

const EMPTY = new Uint8Array();

/**
 * Bulk calls for guests that export none, made of single calls one after the other. Reads
 * report a failed key in its item; writes try every item and then report the first error, as
 * the wire has room for one.
 */
export const bulkFromSingles: Readonly<Partial<Record<Method, Bulk>>> = {
  async BulkGet(request, single) {
    const items: dapr.BulkStateItem[] = [];
    for (const item of decodeRequest(dapr.BulkGetRequest, 'BulkGetRequest', request).items) {
      const { key } = item;
      try {
        const response = await single('Get', dapr.GetRequest.encode(item).finish());
        items.push({
          ...decodeResponse(dapr.GetResponse, 'GetResponse', response),
          key,
          error: '',
        });
      } catch (error) {
        if (!(error instanceof GuestError)) throw error;
        items.push({
          key,
          data: Buffer.alloc(0),
          etag: undefined,
          error: error.message,
          metadata: {},
          contentType: '',
        });
      }
    }
    return dapr.BulkGetResponse.encode({ items }).finish();
  },

  BulkSet: (request, single) =>
    writeAll(
      decodeRequest(dapr.BulkSetRequest, 'BulkSetRequest', request).items.map((item) =>
        dapr.SetRequest.encode(item).finish(),
      ),
      (item) => single('Set', item),
    ),

  BulkDelete: (request, single) =>
    writeAll(
      decodeRequest(dapr.BulkDeleteRequest, 'BulkDeleteRequest', request).items.map((item) =>
        dapr.DeleteRequest.encode(item).finish(),
      ),
      (item) => single('Delete', item),
    ),
};

async function writeAll(
  items: readonly Uint8Array[],
  write: (item: Uint8Array) => MaybePromise<Uint8Array>,
): Promise<Uint8Array> {
  let first: GuestError | undefined;
  for (const item of items) {
    try {
      await write(item);
    } catch (error) {
      if (!(error instanceof GuestError)) throw error;
      first ??= error;
    }
  }
  if (first !== undefined) throw first;
  return EMPTY;
}

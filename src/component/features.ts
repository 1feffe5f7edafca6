import { FeaturesResponse } from '../gen/dapr/proto/components/v1/common.ts';
import { decodeResponse } from '../guest/decode.ts';
import type { Method } from '../guest/methods.ts';

const NEEDS: Readonly<Record<string, Method>> = {
  TRANSACTIONAL: 'Transact',
  QUERY_API: 'Query',
};

/** Features that Dapr knows but has no RPC for, so that no pluggable store can have them. */
const WITHOUT_RPC = new Set(['DELETE_WITH_PREFIX', 'KEYS_LIKE']);

/**
 * The features that a component truthfully has: what its guest announces and exports. A
 * guest without a Features export announces what its exports show.
 */
export function truthfulFeatures(
  announced: readonly string[] | undefined,
  methods: ReadonlySet<Method>,
): ReadonlySet<string> {
  const said =
    announced ??
    Object.entries(NEEDS)
      .filter(([, method]) => methods.has(method))
      .map(([feature]) => feature);
  return new Set(
    said.filter((feature) => {
      const method = NEEDS[feature];
      return (method === undefined || methods.has(method)) && !WITHOUT_RPC.has(feature);
    }),
  );
}

/** What the guest's exports and its features together make callable, host-supplied parts included. */
export function supportedMethods(
  methods: ReadonlySet<Method>,
  features: ReadonlySet<string>,
): ReadonlySet<Method> {
  const supported = new Set<Method>(['Init', 'Features', 'Ping', 'Get', 'Set', 'Delete']);
  for (const bulk of ['BulkGet', 'BulkSet', 'BulkDelete'] as const) supported.add(bulk);
  if (features.has('TRANSACTIONAL')) {
    supported.add('Transact');
    if (methods.has('MultiMaxSize')) supported.add('MultiMaxSize');
  }
  if (features.has('QUERY_API')) supported.add('Query');
  return supported;
}

export function encodeFeatures(features: ReadonlySet<string>): Uint8Array {
  return FeaturesResponse.encode({ features: [...features] }).finish();
}

export function decodeFeatures(response: Uint8Array): readonly string[] {
  return decodeResponse(FeaturesResponse, 'FeaturesResponse', response).features;
}

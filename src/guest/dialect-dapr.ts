import type { Dialect } from './dialect.ts';

/**
 * Dapr's own messages, under the export names that go-plugin gives the four services of
 * proto/dapr/proto/components/v1/state.proto.
 */
export const daprDialect: Dialect = {
  name: 'dapr',
  versionExports: ['state_store_api_version'],
  required: ['Get', 'Set', 'Delete'],
  hasErrorBit: true,
  allocatesEmpty: false,
  exportNames: {
    Init: 'state_store_init',
    Features: 'state_store_features',
    Get: 'state_store_get',
    Set: 'state_store_set',
    Delete: 'state_store_delete',
    Ping: 'state_store_ping',
    BulkGet: 'state_store_bulk_get',
    BulkSet: 'state_store_bulk_set',
    BulkDelete: 'state_store_bulk_delete',
    Transact: 'transactional_state_store_transact',
    Query: 'queriable_state_store_query',
    MultiMaxSize: 'transactional_store_multi_max_size_multi_max_size',
  },
  translations: {},
};

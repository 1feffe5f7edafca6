/** The RPCs of Dapr's four state-store services, by their names in state.proto. */
export const METHODS = [
  'Init',
  'Features',
  'Get',
  'Set',
  'Delete',
  'Ping',
  'BulkGet',
  'BulkSet',
  'BulkDelete',
  'Transact',
  'Query',
  'MultiMaxSize',
] as const;

export type Method = (typeof METHODS)[number];

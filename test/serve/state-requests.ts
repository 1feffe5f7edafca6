import * as dapr from '../../src/gen/dapr/proto/components/v1/state.ts';

/** Fields that are left out have protobuf's defaults. */
export type GetFields = Partial<dapr.GetRequest>;
export type DeleteFields = Partial<dapr.DeleteRequest>;
/** Text as a value is its UTF-8. */
export type SetFields = Partial<Omit<dapr.SetRequest, 'value'>> & {
  readonly value?: Uint8Array | string;
};
export type Operation =
  ({ readonly operation: 'set' } & SetFields) | ({ readonly operation: 'delete' } & DeleteFields);

const NOTHING = new Uint8Array();

export const { CONCURRENCY_FIRST_WRITE: FIRST_WRITE, CONCURRENCY_LAST_WRITE: LAST_WRITE } =
  dapr.StateOptions_StateConcurrency;

export function getRequest(fields: GetFields): dapr.GetRequest {
  return { ...dapr.GetRequest.decode(NOTHING), ...fields };
}

export function setRequest({ value = '', ...fields }: SetFields): dapr.SetRequest {
  return { ...dapr.SetRequest.decode(NOTHING), ...fields, value: Buffer.from(value) };
}

export function deleteRequest(fields: DeleteFields): dapr.DeleteRequest {
  return { ...dapr.DeleteRequest.decode(NOTHING), ...fields };
}

export function operation(wanted: Operation): dapr.TransactionalStateOperation {
  if (wanted.operation === 'set') {
    const { operation: _, ...fields } = wanted;
    return { request: { $case: 'set', value: setRequest(fields) } };
  }
  const { operation: _, ...fields } = wanted;
  return { request: { $case: 'delete', value: deleteRequest(fields) } };
}

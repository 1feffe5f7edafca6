import { status, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { BadRequest, ErrorInfo } from '../../src/gen/google/rpc/error_details.ts';
import { Status } from '../../src/gen/google/rpc/status.ts';

/** A message that a status carries, decoded. */
export type StatusDetail =
  | { readonly type: 'google.rpc.BadRequest'; readonly value: BadRequest }
  | { readonly type: 'google.rpc.ErrorInfo'; readonly value: ErrorInfo };

/** A call that ended with another status than OK. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** By its name, as `FAILED_PRECONDITION`. */
  readonly code: keyof typeof status;
  /** Of the trailer `grpc-status-details-bin`; empty where there is none. */
  readonly details: readonly StatusDetail[];

  constructor({ code, details: message, metadata }: ServiceError) {
    super(message);
    this.code = status[code] as keyof typeof status;
    this.details = detailsOf(metadata, code, message);
  }
}

/** Throws where the trailer is not what daprd reads: the same status again, with known details. */
function detailsOf(metadata: Metadata, code: number, message: string): readonly StatusDetail[] {
  const [trailer] = metadata.get('grpc-status-details-bin');
  if (trailer === undefined) return [];
  if (typeof trailer === 'string') throw new Error('grpc-status-details-bin is text');
  const repeated = Status.decode(trailer);
  if (repeated.code !== code || repeated.message !== message) {
    throw new Error(`the details say ${repeated.code} ${repeated.message}, not ${code} ${message}`);
  }
  return repeated.details.map(({ typeUrl, value }) => {
    switch (typeUrl) {
      case 'type.googleapis.com/google.rpc.BadRequest':
        return { type: 'google.rpc.BadRequest', value: BadRequest.decode(value) };
      case 'type.googleapis.com/google.rpc.ErrorInfo':
        return { type: 'google.rpc.ErrorInfo', value: ErrorInfo.decode(value) };
      default:
        throw new Error(`a detail of type ${typeUrl}`);
    }
  });
}

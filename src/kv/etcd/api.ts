import {
  AuthenticateRequest,
  AuthenticateResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  type RequestOp,
  type ResponseOp,
} from '../../gen/etcd/v3/etcd.ts';
import { encodeMessage, type Encoder } from '../grpc/message.ts';

/** One method of etcd's API. */
export interface Method<Q, A> {
  readonly path: string;
  readonly encode: (request: Q) => Buffer;
  /** Throws for what is not such a message. */
  readonly decode: (bytes: Uint8Array) => A;
}

export const RANGE = method('KV/Range', RangeRequest, RangeResponse);
export const TXN = method('KV/Txn', TxnRequest, TxnResponse);
export const LEASE_GRANT = method('Lease/LeaseGrant', LeaseGrantRequest, LeaseGrantResponse);
export const AUTHENTICATE = method('Auth/Authenticate', AuthenticateRequest, AuthenticateResponse);

const NOTHING = Buffer.alloc(0);

/** A request for `key` alone, at the newest revision, but for what is said otherwise. */
export function rangeRequest(key: Buffer, other: Partial<RangeRequest> = {}): RangeRequest {
  return { key, rangeEnd: NOTHING, limit: 0n, revision: 0n, keysOnly: false, ...other };
}

export function rangeOp(value: RangeRequest): RequestOp {
  return { request: { $case: 'requestRange', value } };
}

/** `lease`: 0 for none. */
export function putOp(key: Buffer, value: Buffer, lease: bigint): RequestOp {
  return { request: { $case: 'requestPut', value: { key, value, lease } } };
}

export function deleteOp(key: Buffer): RequestOp {
  return { request: { $case: 'requestDeleteRange', value: { key } } };
}

export function txnOp(value: TxnRequest): RequestOp {
  return { request: { $case: 'requestTxn', value } };
}

/** What a range answered within a transaction. Throws for what something else answered. */
export function rangeOf({ response }: ResponseOp): RangeResponse {
  if (response?.$case !== 'responseRange') throw new Error('etcd answered something else');
  return response.value;
}

/** What a transaction answered within another. Throws for what something else answered. */
export function txnOf({ response }: ResponseOp): TxnResponse {
  if (response?.$case !== 'responseTxn') throw new Error('etcd answered something else');
  return response.value;
}

interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

function method<Q, A>(name: string, request: Encoder<Q>, response: Decoder<A>): Method<Q, A> {
  return {
    path: `/etcdserverpb.${name}`,
    encode: (message) => encodeMessage(request, message),
    decode: (bytes) => response.decode(bytes),
  };
}

import {
  GetRequest,
  GetResponse,
  InitRequest,
  SetRequest,
} from '../../src/gen/dapr/proto/components/v1/state.ts';

/** The component that every direct call names; the same for all peers. */
export const COMPONENT = 'bench';

/** 200 bytes, as a JSON text so that any store takes it. */
export const VALUE = Buffer.from(JSON.stringify('v'.repeat(198)));

const KEY = 'bench||key';

export function initMessage(properties: Record<string, string>): Buffer {
  return Buffer.from(InitRequest.encode({ metadata: { properties } }).finish());
}

export const getMessage = Buffer.from(
  GetRequest.encode({ key: KEY, metadata: {}, consistency: 0 }).finish(),
);

export const setMessage = Buffer.from(
  SetRequest.encode({
    key: KEY,
    value: VALUE,
    etag: undefined,
    metadata: {},
    options: undefined,
    contentType: '',
  }).finish(),
);

/** What a store that holds VALUE may answer: for a peer that answers with constant bytes. */
export const getResponseMessage = Buffer.from(
  GetResponse.encode({
    data: VALUE,
    etag: { value: '1' },
    metadata: {},
    contentType: '',
  }).finish(),
);

/** gRPC's frame of an uncompressed message: a flag and the size in five bytes, then the message. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

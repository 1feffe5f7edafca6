import { encodeFields } from '../../http2/hpack/encoder.ts';

/** To whom requests go, and with what. */
export interface Recipient {
  readonly authority: string;
  readonly secure: boolean;
  /** In lower case; `secret` values are kept out of proxies' tables. */
  readonly metadata: readonly (readonly [name: string, value: string, secret?: boolean])[];
}

/** Ms; longer ones are said in seconds: gRPC has room for eight digits. */
const LONGEST_IN_MS = 99_999_999;

/** The field `grpc-timeout`, up to its value: a literal without indexing. */
const TIMEOUT_NAME = encodeFields([['grpc-timeout', '']]).subarray(0, -1);

/** The header block of a call to `path`, as gRPC wants it. */
export function requestHead({ authority, secure, metadata }: Recipient, path: string): Buffer {
  return encodeFields([
    [':method', 'POST'],
    [':scheme', secure ? 'https' : 'http'],
    [':path', path],
    [':authority', authority],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
    ['user-agent', 'wasmstate'],
    ...metadata,
  ]);
}

/** `timeout`: ms; Infinity: none is said. */
export function withTimeout(head: Buffer, timeout: number): Buffer {
  if (timeout === Infinity) return head;
  const ms = Math.max(1, Math.ceil(timeout));
  const text = ms > LONGEST_IN_MS ? `${Math.min(LONGEST_IN_MS, Math.ceil(ms / 1000))}S` : `${ms}m`;
  const at = head.length + TIMEOUT_NAME.length;
  const whole = Buffer.allocUnsafe(at + 1 + text.length);
  whole.set(head);
  whole.set(TIMEOUT_NAME, head.length);
  whole[at] = text.length;
  whole.write(text, at + 1, 'latin1');
  return whole;
}

import type { CancelSignal } from '../../cancel-signal.ts';
import type { Connection } from '../http2/connection.ts';
import { NotAnswered } from '../http2/not-answered.ts';
import type { Answer } from '../http2/stream.ts';
import { PREFIX } from './message.ts';
import { RpcError, Status } from './rpc-error.ts';

/**
 * One unary call of gRPC over HTTP/2: sends what encodeMessage made, gives the bytes of the
 * message that is the answer.
 * Fails with an RpcError. A caller that leaves by `signal` takes the call back.
 */
export function unaryCall(
  connection: Connection,
  head: Buffer,
  message: Buffer,
  signal?: CancelSignal,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const takeBack = connection.send(head, message, (outcome) => {
      signal?.removeEventListener('abort', leave);
      if (outcome instanceof NotAnswered) {
        const { message: why, reached } = outcome;
        reject(new RpcError(Status.unavailable, why, reached, { cause: outcome }));
        return;
      }
      const error = failureOf(outcome);
      if (error === undefined) resolve(outcome.body.subarray(PREFIX));
      else reject(error);
    });
    const leave = (): void => {
      takeBack();
      connection.doubt();
      reject(new RpcError(Status.cancelled, 'the caller left', true));
    };
    signal?.addEventListener('abort', leave);
  });
}

/** undefined where the answer is one whole message and the status OK. */
function failureOf({ headers, trailers, body }: Answer): RpcError | undefined {
  const status = trailers.get('grpc-status') ?? headers.get('grpc-status');
  if (status === undefined) {
    const http = headers.get(':status');
    const why = http === '200' ? 'an answer without a status' : `HTTP status ${http}`;
    return new RpcError(Status.unavailable, `${why}; is this a server of gRPC?`, true);
  }
  const code = Number(status);
  if (code !== Status.ok) {
    const text = trailers.get('grpc-message') ?? headers.get('grpc-message') ?? '';
    return new RpcError(code, percentDecoded(text) || `gRPC status ${status}`, true);
  }
  const isWhole = body.length >= PREFIX && body.readUInt32BE(1) === body.length - PREFIX;
  if (isWhole && body[0] === 0) return undefined;
  return new RpcError(Status.internal, 'an answer that is not one whole message', true);
}

/** As far as it is UTF-8 in percents; gRPC wants what is not left as it stands. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import {
  connect,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { PATH } from './byte-store.ts';

/** What came back on one stream. */
export interface Answer {
  readonly status: number;
  /** Of gRPC, from the trailers or, where there is no body, from the head. */
  readonly code: string | undefined;
  readonly message: string;
  readonly body: Buffer;
}

export const HEAD: OutgoingHttpHeaders = {
  ':method': 'POST',
  ':path': PATH,
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** An HTTP/2 client that says exactly what a test wants, other than a gRPC client. */
export function rawClient(connection: Duplex, settings: Settings = {}): ClientHttp2Session {
  const session = connect('http://localhost', { createConnection: () => connection, settings });
  session.on('error', () => undefined);
  return session;
}

/** Sends one request in these parts, each in a frame of its own, and waits for the answer. */
export function ask(
  session: ClientHttp2Session,
  parts: readonly Uint8Array[],
  head: OutgoingHttpHeaders = {},
): Promise<Answer> {
  const stream = session.request({ ...HEAD, ...head });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let end: { code: string | undefined; message: string } = { code: undefined, message: '' };
    const read = (headers: IncomingHttpHeaders): void => {
      const { 'grpc-status': code, 'grpc-message': text } = headers;
      if (code === undefined) return;
      end = { code: [code].join(), message: decodeURIComponent([text ?? ''].join()) };
    };
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
      read(headers);
    });
    stream.on('trailers', read);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => resolve({ status, ...end, body: Buffer.concat(chunks) }));
    for (const part of parts) stream.write(part);
    stream.end();
  });
}

/** A message as gRPC puts it into DATA frames. */
export function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

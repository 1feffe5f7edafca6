import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Connection } from '../../../src/kv/http2/connection.ts';
import { encodeFields } from '../../../src/http2/hpack/encoder.ts';
import { NotAnswered } from '../../../src/kv/http2/not-answered.ts';
import type { Answer } from '../../../src/kv/http2/stream.ts';

export type Handler = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  session: ServerHttp2Session,
) => void;

/** A server of HTTP/2 by Node's own library, which does to each request what it is told to. */
export class TestServer {
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();
  #connections = 0;

  private constructor(options: ServerOptions, handler: Handler) {
    this.#server = createServer(options);
    this.#server.on('session', (session) => {
      this.#connections += 1;
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
      session.on('error', () => undefined);
      session.on('stream', (stream, headers) => {
        stream.on('error', () => undefined);
        handler(stream, headers, session);
      });
    });
  }

  static async start(handler: Handler, options: ServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(options, handler);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get sessions(): readonly ServerHttp2Session[] {
    return [...this.#sessions];
  }

  /** How many there were. */
  get connections(): number {
    return this.#connections;
  }

  connect(onUnusable: () => void = () => undefined): Promise<Connection> {
    const endpoint = { host: '127.0.0.1', port: this.port, secure: false };
    return Connection.open(endpoint, 5000, onUnusable);
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
    this.#server.close();
  }
}

/** The whole of a request's body. */
export async function bodyOf(stream: ServerHttp2Stream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export interface Sent {
  readonly outcome: Promise<Answer | NotAnswered>;
  readonly takeBack: () => void;
}

/** Sends a request for `path`. */
export function send(connection: Connection, path: string, body = Buffer.alloc(5)): Sent {
  const head = encodeFields([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'test'],
  ]);
  const { promise, resolve } = Promise.withResolvers<Answer | NotAnswered>();
  return { outcome: promise, takeBack: connection.send(head, body, resolve) };
}

export async function answered(sent: Sent): Promise<Answer> {
  const outcome = await sent.outcome;
  if (outcome instanceof NotAnswered) throw outcome;
  return outcome;
}

export async function notAnswered(sent: Sent): Promise<NotAnswered> {
  const outcome = await sent.outcome;
  if (outcome instanceof NotAnswered) return outcome;
  throw new Error('it was answered');
}

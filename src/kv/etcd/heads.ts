import { requestHead } from '../grpc/request-head.ts';
import type { Endpoint } from '../http2/connect-socket.ts';

/** The header blocks of requests, made once for each method. */
export class Heads {
  #endpoint: Endpoint | undefined;
  #token: string | undefined;
  readonly #heads = new Map<string, Buffer>();

  of(endpoint: Endpoint, path: string, token: string | undefined): Buffer {
    if (endpoint !== this.#endpoint || token !== this.#token) {
      this.#heads.clear();
      this.#endpoint = endpoint;
      this.#token = token;
    }
    let head = this.#heads.get(path);
    if (head === undefined) {
      head = headOf(endpoint, path, token);
      this.#heads.set(path, head);
    }
    return head;
  }
}

export function headOf(
  { host, port, secure }: Endpoint,
  path: string,
  token: string | undefined,
): Buffer {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  // A member that is cut off from the others says so then, instead of holding the request.
  const metadata: [string, string, boolean?][] = [['hasleader', 'true']];
  if (token !== undefined) metadata.push(['token', token, true]);
  return requestHead({ authority, secure, metadata }, path);
}

import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a server listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Ms; TCP's own keepalive notices an end that is gone while nothing is under way. */
const TCP_KEEPALIVE = 30_000;

/**
 * A socket to the endpoint on which HTTP/2 can be spoken; over TLS, with a certificate that
 * Node trusts. Fails as the socket does.
 */
export function connectSocket({ host, port, secure }: Endpoint, timeout: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = secure
    ? connectTls({ host, port, ALPNProtocols: ['h2'], ...servername })
    : connectTcp({ host, port });
  const fail = (error: Error): void => {
    socket.destroy();
    reject(error);
  };
  const onTimeout = (): void => fail(new Error(`no connection within ${timeout} ms`));
  const onClose = (): void => fail(new Error('the connection was closed at once'));
  socket.setNoDelay(true).setKeepAlive(true, TCP_KEEPALIVE).setTimeout(timeout, onTimeout);
  socket.once('error', fail).once('close', onClose);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    socket.setTimeout(0, onTimeout);
    socket.off('error', fail).off('close', onClose);
    if ('alpnProtocol' in socket && socket.alpnProtocol !== 'h2') {
      fail(new Error('the server does not speak HTTP/2'));
    } else resolve(socket);
  });
  return promise;
}

import { callOnce } from '../grpc-client.ts';
import { initMessage, setMessage } from '../state-messages.ts';
import type { ServedProcess } from '../served-process.ts';

/** A pluggable state store that listens and is initialised. */
export interface SocketPeer extends AsyncDisposable {
  readonly name: string;
  readonly socket: string;
  readonly pid: number;
}

/** Waits until the process answers on its socket, gives the component its Init and one value. */
export async function asPeer(
  name: string,
  server: ServedProcess,
  socket: string,
): Promise<SocketPeer> {
  try {
    await server.until(async () => {
      await callOnce(socket, 'Init', initMessage({}));
      return true;
    });
    await callOnce(socket, 'Set', setMessage);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name,
    socket,
    pid: server.pid,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

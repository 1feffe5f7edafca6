import { createServer, type Server, type Socket } from 'node:net';

/** The handle below a socket, as far as it is needed; Node has no public way to it. */
interface ReadableHandle {
  readStart(): number;
  readStop(): number;
}

/**
 * Accepts connections on a Unix socket and hands them on. It can stop reading from all of them:
 * Socket.pause() does not, once the HTTP/2 parser has taken a connection over.
 */
export class Listener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #reading = true;

  constructor(accept: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      accept(socket);
      if (!this.#reading) handleOf(socket)?.readStop();
    });
  }

  /** Listens at a path that does not exist yet. */
  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  /**
   * Accepts no more; connections that were accepted are not touched. Resolves when the last of
   * them is closed.
   */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  pauseReading(): void {
    if (!this.#reading) return;
    this.#reading = false;
    for (const socket of this.#sockets) handleOf(socket)?.readStop();
  }

  resumeReading(): void {
    if (this.#reading) return;
    this.#reading = true;
    for (const socket of this.#sockets) handleOf(socket)?.readStart();
  }
}

/** Undefined once the socket is closed. */
function handleOf(socket: Socket): ReadableHandle | undefined {
  // oxlint-disable-next-line no-underscore-dangle -- see ReadableHandle
  return (socket as unknown as { _handle?: ReadableHandle | null })._handle ?? undefined;
}

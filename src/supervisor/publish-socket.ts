import { chmod, chown, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WasmstateError } from '../error.ts';
import { makeFolders } from '../make-folders.ts';

const STAGING = '.staging';

/** The longest path that a Unix socket's address holds on Linux, in bytes. */
const MAX_PATH = 107;

/** In the staging folder, of sockets that are there whatever plugins there are. */
const LONGEST_NAME = 'control.4194304';

export interface SocketFolderOptions {
  readonly folder: string;
  /** Permission bits of published sockets. */
  readonly mode: number;
  readonly group?: number | undefined;
}

/** A socket that this process has published. */
export interface PublishedSocket {
  readonly path: string;
  /** Takes it away, unless another process has put its own in its place. */
  withdraw(): Promise<void>;
}

/**
 * The folder where daprd looks. Sockets are bound in a subfolder, which daprd does not look
 * into, and moved into place when they are ready: rename(2) leaves no moment without a socket.
 */
export class SocketFolder {
  readonly #options: SocketFolderOptions;
  #next = 0;

  constructor(options: SocketFolderOptions) {
    this.#options = options;
  }

  get staging(): string {
    return join(this.#options.folder, STAGING);
  }

  /** Makes the folders. Throws SOCKET_UNAVAILABLE where that is not possible. */
  async prepare(): Promise<void> {
    const { folder } = this.#options;
    if (Buffer.byteLength(join(this.staging, LONGEST_NAME)) > MAX_PATH) {
      throw new WasmstateError(
        'SOCKET_UNAVAILABLE',
        `sockets folder ${folder}: a Unix socket's address has ${MAX_PATH} bytes at the most, and paths in it would be longer; name another with --sockets`,
      );
    }
    try {
      makeFolders(folder);
      makeFolders(this.staging, 0o700);
    } catch (cause) {
      throw new WasmstateError(
        'SOCKET_UNAVAILABLE',
        `sockets folder ${folder} cannot be made or written; name another with --sockets`,
        { cause },
      );
    }
  }

  path(plugin: string): string {
    return join(this.#options.folder, `${plugin}.sock`);
  }

  /** A path in the staging folder that nothing has used before. */
  stagingPath(plugin: string): string {
    this.#next += 1;
    const path = join(this.staging, `${plugin}.${process.pid}.${this.#next}`);
    if (Buffer.byteLength(path) > MAX_PATH) {
      throw new WasmstateError(
        'SOCKET_UNAVAILABLE',
        `${path} is longer than the ${MAX_PATH} bytes of a Unix socket's address; use a shorter sockets folder`,
      );
    }
    return path;
  }

  /** Moves a bound socket to where daprd finds it, replacing what is there. */
  async publish(stagingPath: string, plugin: string): Promise<PublishedSocket> {
    const { mode, group } = this.#options;
    const path = this.path(plugin);
    try {
      if (group !== undefined) await chown(stagingPath, process.getuid?.() ?? 0, group);
      await chmod(stagingPath, mode);
      return await moveSocket(stagingPath, path);
    } catch (cause) {
      await rm(stagingPath, { force: true });
      throw new WasmstateError('SOCKET_UNAVAILABLE', `socket ${path} cannot be published`, {
        cause,
      });
    }
  }

  /** Takes the staging folder away if nothing is left in it. */
  async close(): Promise<void> {
    await rmdir(this.staging).catch(() => {});
  }

  /** Whether some process answers at a plugin's published path. */
  isLive(plugin: string): Promise<boolean> {
    return isLiveSocket(this.path(plugin));
  }
}

/** Moves a bound socket into the place of whatever is there. */
export async function moveSocket(from: string, path: string): Promise<PublishedSocket> {
  const { ino } = await stat(from);
  await rename(from, path);
  return {
    path,
    async withdraw() {
      const now = await stat(path).catch(() => undefined);
      if (now?.ino === ino) await unlink(path);
    },
  };
}

/** Whether some process accepts connections at a path; a file that nobody serves is stale. */
function isLiveSocket(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { WasmstateError } from '../error.ts';
import type { RememberedInit } from '../thread/messages.ts';
import {
  CONTROL_SOCKET,
  parseInitLine,
  type InitsByPlugin,
  type Question,
} from './control-socket.ts';

/** The process that serves a sockets folder now, as its successor sees it. */
export class Predecessor {
  readonly #path: string;
  /** What it serves was initialised with when it was found. */
  readonly inits: InitsByPlugin;

  private constructor(path: string, inits: InitsByPlugin) {
    this.#path = path;
    this.inits = inits;
  }

  /** Undefined where no process answers. */
  static async find(stagingFolder: string): Promise<Predecessor | undefined> {
    const path = join(stagingFolder, CONTROL_SOCKET);
    const inits = new Map<string, RememberedInit[]>();
    try {
      for await (const text of lines(await ask(path, 'inits'))) {
        const { plugin, init } = parseInitLine(text);
        inits.set(plugin, [...(inits.get(plugin) ?? []), init]);
      }
    } catch (error) {
      if (error instanceof WasmstateError) return undefined;
      throw error;
    }
    return new Predecessor(path, inits);
  }

  /**
   * Lets it finish and end. Returns once its control socket is free; `adopt` then gets every
   * Init that it was, or still is, initialised with.
   */
  async retire(adopt: (plugin: string, init: RememberedInit) => Promise<void>): Promise<void> {
    const socket = await ask(this.#path, 'retire');
    const answers = lines(socket)[Symbol.asyncIterator]();
    // The first line is empty, or none comes where the process ends before it answers.
    await answers.next();
    void (async () => {
      for await (const text of answers) {
        const { plugin, init } = parseInitLine(text);
        await adopt(plugin, init);
        socket.write('\n');
      }
      // Its end may reset the connection: then it has nothing more to hand over.
    })().catch(() => socket.destroy());
  }
}

function ask(path: string, question: Question): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.write(`${question}\n`);
      resolve(socket);
    });
    socket.on('error', (cause) =>
      reject(new WasmstateError('UNAVAILABLE', `${path} does not answer`, { cause })),
    );
  });
}

function lines(socket: Socket): Interface {
  return createInterface({ input: socket });
}

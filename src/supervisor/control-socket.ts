import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RememberedInit } from '../thread/messages.ts';
import { moveSocket, type PublishedSocket } from './publish-socket.ts';

/** Of every plugin, by name, the Inits of its components. */
export type InitsByPlugin = ReadonlyMap<string, readonly RememberedInit[]>;

export const CONTROL_SOCKET = 'control.sock';

/** What a successor asks, one line each. */
const questions = z.enum(['inits', 'retire']);
export type Question = z.output<typeof questions>;

/** One Init on one line of JSON. */
const line = z
  .object({ plugin: z.string(), component: z.string(), request: z.base64() })
  .transform(({ plugin, component, request }) => ({
    plugin,
    init: { component, request: Buffer.from(request, 'base64') },
  }));

export function parseInitLine(text: string): { plugin: string; init: RememberedInit } {
  return line.parse(JSON.parse(text));
}

function initLine(plugin: string, { component, request }: RememberedInit): string {
  const text = Buffer.from(request).toString('base64');
  return `${JSON.stringify({ plugin, component, request: text })}\n`;
}

export interface ControlHandlers {
  readonly inits: () => InitsByPlugin;
  /** Finish and end: a successor serves the sockets. */
  readonly retire: () => void;
}

/**
 * Where a process that serves a sockets folder can be asked by the one that is to succeed it.
 * It lies in the staging folder, which only the owner may enter, as Inits hold secrets.
 *
 * `inits` is answered by a line for each and the end. `retire` is answered by an empty line once
 * this socket is withdrawn, then by a line for every Init, those included that are still taken
 * while calls in flight finish; each waits for the successor's empty line before it is
 * acknowledged. The end comes with the end of the process.
 */
export class ControlSocket {
  readonly #server: Server;
  #socket: PublishedSocket | undefined;
  #successor: Socket | undefined;
  readonly #awaited: (() => void)[] = [];

  private constructor(handlers: ControlHandlers) {
    this.#server = createServer((socket) => this.#serve(socket, handlers));
  }

  /** Listens, in place of whoever listened before. */
  static async open(stagingFolder: string, handlers: ControlHandlers): Promise<ControlSocket> {
    const control = new ControlSocket(handlers);
    const own = join(stagingFolder, `control.${process.pid}`);
    await new Promise<void>((resolve, reject) => {
      control.#server.once('error', reject);
      control.#server.listen(own, resolve);
    });
    control.#socket = await moveSocket(own, join(stagingFolder, CONTROL_SOCKET));
    return control;
  }

  /** Passes an Init to the process that takes over, if one does; returns when it has it. */
  forward(plugin: string, init: RememberedInit): Promise<void> {
    const successor = this.#successor;
    if (successor === undefined || successor.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaited.push(resolve);
      successor.write(initLine(plugin, init));
    });
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.#socket?.withdraw();
  }

  #serve(socket: Socket, handlers: ControlHandlers): void {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', (text) => {
      if (socket === this.#successor) return this.#awaited.shift()?.();
      const question = questions.safeParse(text);
      if (!question.success) return socket.destroy();
      if (question.data === 'retire') return void this.#handOver(socket, handlers);
      for (const [plugin, inits] of handlers.inits()) {
        for (const init of inits) socket.write(initLine(plugin, init));
      }
      return socket.end();
    });
  }

  async #handOver(socket: Socket, handlers: ControlHandlers): Promise<void> {
    await this.close();
    this.#successor = socket;
    // A successor that is gone waits for nothing.
    socket.once('close', () => {
      for (const resolve of this.#awaited.splice(0)) resolve();
    });
    socket.write('\n');
    for (const [plugin, inits] of handlers.inits()) {
      for (const init of inits) void this.forward(plugin, init);
    }
    handlers.retire();
  }
}

/** Entry of a plugin thread: takes one assignment from the supervisor and serves it. */
import { parentPort } from 'node:worker_threads';
import { WasmstateError } from '../error.ts';
import { Meter } from '../guest/meter.ts';
import { createLogger } from '../observe/log.ts';
import type { FromThread, RememberedInit, ToThread } from './messages.ts';
import { PluginServer, serveRefusal } from './plugin-server.ts';

if (parentPort === null) throw new Error('this file runs in a worker thread only');
const port = parentPort;
const meter = new Meter();
const send = (message: FromThread): void => port.postMessage(message);
const logger = createLogger((entry) => send({ type: 'log', entry }), 'wasmstate.plugin');

let server: PluginServer | undefined;
let closing: ((grace: number) => Promise<void>) | undefined;
let nextId = 0;
const remembering = new Map<number, (error: Error | undefined) => void>();

/** The supervisor keeps an Init before daprd hears that it succeeded. */
function remember(component: string, request: Uint8Array): Promise<void> {
  nextId += 1;
  const id = nextId;
  return new Promise((resolve, reject) => {
    remembering.set(id, (error) => (error === undefined ? resolve() : reject(error)));
    send({ type: 'remember', id, init: { component, request } });
  });
}

async function restore(id: number, init: RememberedInit): Promise<void> {
  await server?.restore(init);
  send({ type: 'restored', id });
}

async function handle(message: ToThread): Promise<void> {
  switch (message.type) {
    case 'assign': {
      const { assignment } = message;
      server = await PluginServer.start(
        assignment,
        logger.child(assignment.manifest.name, { plugin: assignment.manifest.name }),
        meter,
        remember,
      );
      closing = (grace) => server?.close(grace) ?? Promise.resolve();
      return send({ type: 'ready', loaded: server.loaded });
    }
    case 'refuse': {
      const refusal = await serveRefusal(message.refusal.stagingPath, message.refusal.reason);
      closing = (grace) => refusal.close(grace);
      return send({ type: 'ready' });
    }
    case 'restore':
      return restore(message.id, message.init);
    case 'remembered': {
      const { error } = message;
      remembering.get(message.id)?.(error && new WasmstateError(error.code, error.message));
      remembering.delete(message.id);
      return undefined;
    }
    case 'retire':
      send({ type: 'retiring' });
      await closing?.(message.grace);
      return process.exit(0);
  }
}

port.on('message', (message: ToThread) => {
  handle(message).catch((error: unknown) => {
    send({
      type: 'failed',
      error: {
        code: error instanceof WasmstateError ? error.code : 'INTERNAL',
        message: error instanceof Error ? error.message : String(error),
      },
    });
  });
});
send({ type: 'loaded', interrupts: meter.words });

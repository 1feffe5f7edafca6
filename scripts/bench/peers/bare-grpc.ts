import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServedProcess } from '../served-process.ts';
import { getResponseMessage } from '../state-messages.ts';
import { asPeer, type SocketPeer } from './socket-peer.ts';

/** grpc-js with nothing behind it: what the transport alone costs. */
export async function startBareGrpc(scratch: string): Promise<SocketPeer> {
  const script = join(import.meta.dirname, 'bare-grpc-server.mjs');
  const response = join(scratch, 'get-response');
  await writeFile(response, getResponseMessage);
  const socket = join(scratch, 'bare.sock');
  const log = join(scratch, 'logs', 'bare-grpc.log');
  const name = 'bare grpc-js';
  const server = new ServedProcess(name, log, process.execPath, [script, socket, response]);
  return asPeer(name, server, socket);
}

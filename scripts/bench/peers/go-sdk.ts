import { join } from 'node:path';
import { ServedProcess } from '../served-process.ts';
import { daprProgram } from './dapr-program.ts';
import { asPeer, type SocketPeer } from './socket-peer.ts';

/** The in-memory store on Dapr's Go SDK for pluggable components; its socket is gosdk.sock. */
export async function startGoSdk(scratch: string, sockets: string): Promise<SocketPeer> {
  const program = await daprProgram('gosdk');
  const name = 'Go SDK';
  const log = join(scratch, 'logs', 'go-sdk.log');
  const server = new ServedProcess(name, log, program, [], {
    env: { DAPR_COMPONENTS_SOCKETS_FOLDER: sockets, DAPR_COMPONENT_SOCKET_FOLDER: sockets },
  });
  return asPeer(name, server, join(sockets, 'gosdk.sock'));
}

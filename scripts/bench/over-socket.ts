import { callOnce } from './grpc-client.ts';
import { loadGrpc, type GrpcLoad } from './grpc-load.ts';
import { interleave, type Series, type Subject } from './interleave.ts';
import type { SocketPeer } from './peers/socket-peer.ts';
import { framed, getMessage, setMessage } from './state-messages.ts';

const LOADS: readonly GrpcLoad[] = [
  { method: 'Get', message: getMessage, inFlight: 1 },
  { method: 'Get', message: getMessage, inFlight: 64 },
  { method: 'Set', message: setMessage, inFlight: 1 },
  { method: 'Set', message: setMessage, inFlight: 64 },
];

/** gRPC straight at each peer's socket, without daprd. */
export async function overSocket(
  peers: readonly SocketPeer[],
  effort: { readonly rounds: number; readonly seconds: number },
  scratch: string,
  progress: (text: string) => void,
): Promise<Series<string>[]> {
  const subjects = peers.map(({ name, socket }): Subject<GrpcLoad> => ({
    name,
    async measure(load, seconds) {
      const answer = framed(await callOnce(socket, load.method, load.message));
      return loadGrpc(socket, load, seconds, answer.length, scratch);
    },
  }));
  const series = await interleave(subjects, LOADS, effort, progress);
  return series.map(({ subject, load, rounds }) => ({
    subject,
    load: `${load.method}, ${load.inFlight} in flight`,
    rounds,
  }));
}

// grpc-js with nothing behind it: Get answers with constant bytes, every other call with none.
// `bare-grpc-server <socket> <response file>`. JavaScript, as what wasmstate is compared with must
// not carry a compiler in its memory.
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [socket = '', responseFile = ''] = process.argv.slice(2);
const service = '/dapr.proto.components.v1.StateStore/';
const same = (bytes) => bytes;

const response = readFileSync(responseFile);
const answers = { Init: Buffer.alloc(0), Get: response, Set: Buffer.alloc(0) };
const method = (name) => ({
  path: service + name,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});
const definition = Object.fromEntries(Object.keys(answers).map((name) => [name, method(name)]));
const handlers = Object.fromEntries(
  Object.entries(answers).map(([name, bytes]) => [
    name,
    (_call, callback) => callback(null, bytes),
  ]),
);

const server = new Server({ 'grpc.max_receive_message_length': -1 });
server.addService(definition, handlers);
server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
});

import { Client, Metadata, credentials } from '@grpc/grpc-js';
import { COMPONENT } from './state-messages.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** One unary call of StateStore with its bytes as they are, e.g. `Get`. */
export async function callOnce(socket: string, method: string, message: Buffer): Promise<Buffer> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('x-component-instance', COMPONENT);
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/dapr.proto.components.v1.StateStore/${method}`,
        same,
        same,
        message,
        metadata,
        { deadline: Date.now() + 10_000 },
        (error, answer) => {
          if (error !== null) reject(error);
          else resolve(answer ?? Buffer.alloc(0));
        },
      );
    });
  } finally {
    client.close();
  }
}

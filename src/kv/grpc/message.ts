import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** Bytes before a message: whether it is compressed, and its length. */
export const PREFIX = 5;

/** Bytes of a message after which its room is not kept for others. */
const KEPT = 64 * 1024;

const PLAIN = Buffer.alloc(PREFIX);

/** As generated code writes a message. */
export interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): { finish(): Uint8Array };
}

/** To be used again: each new one makes room anew. */
let spare: BinaryWriter | undefined;

/** A message as gRPC sends it, with its prefix, in bytes of its own. Throws as `codec` does. */
export function encodeMessage<T>(codec: Encoder<T>, message: T): Buffer {
  const writer = spare ?? new BinaryWriter();
  // One that is left in the middle of a message is of no use to the next.
  spare = undefined;
  const bytes = codec.encode(message, writer.raw(PLAIN)).finish();
  if (bytes.length <= KEPT) spare = writer;
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  whole.writeUInt32BE(whole.length - PREFIX, 1);
  return whole;
}

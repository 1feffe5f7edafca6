import { Output } from '../../src/http2/output.ts';

/** What is written to an output. */
export function written(write: (output: Output) => void): Buffer {
  const parts: Buffer[] = [];
  const output = new Output({
    writable: true,
    writableLength: 0,
    write: (bytes: Uint8Array) => parts.push(Buffer.from(bytes)) > 0,
  });
  write(output);
  output.flush();
  return Buffer.concat(parts);
}

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Buffer {
  return written((output) => output.frame(type, flags, stream, payload));
}

export function settingsFrame(settings: readonly (readonly [number, number])[]): Buffer {
  return written((output) => output.settings(settings));
}

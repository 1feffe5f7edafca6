import { ConnectionError, ERROR } from './errors.ts';
import { DEFAULT_FRAME_SIZE, LARGEST_WINDOW, SETTING } from './frames.ts';

const SIZE = 6;
const LARGEST_FRAME_SIZE = 2 ** 24 - 1;

export function encodeSettings(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * SIZE);
  settings.forEach(([setting, value], index) => {
    payload.writeUInt16BE(setting, index * SIZE);
    payload.writeUInt32BE(value, index * SIZE + 2);
  });
  return payload;
}

/**
 * What a client says that concerns us, of which the last one counts. Its table of header fields
 * does not, as nothing is put there, nor do frames longer than the shortest that all must take.
 * Throws a ConnectionError.
 */
export function readSettings(payload: Buffer): { readonly initialWindow?: number } {
  if (payload.length % SIZE !== 0) {
    throw new ConnectionError(ERROR.FRAME_SIZE_ERROR, 'SETTINGS of a wrong size');
  }
  let initialWindow: number | undefined;
  for (let at = 0; at < payload.length; at += SIZE) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case SETTING.ENABLE_PUSH:
        if (value > 1) throw outOfRange('ENABLE_PUSH');
        break;
      case SETTING.INITIAL_WINDOW_SIZE:
        if (value > LARGEST_WINDOW) {
          throw new ConnectionError(ERROR.FLOW_CONTROL_ERROR, 'a window that is too large');
        }
        initialWindow = value;
        break;
      case SETTING.MAX_FRAME_SIZE:
        if (value < DEFAULT_FRAME_SIZE || value > LARGEST_FRAME_SIZE) {
          throw outOfRange('MAX_FRAME_SIZE');
        }
        break;
    }
  }
  return initialWindow === undefined ? {} : { initialWindow };
}

function outOfRange(setting: string): ConnectionError {
  return new ConnectionError(ERROR.PROTOCOL_ERROR, `${setting} out of range`);
}

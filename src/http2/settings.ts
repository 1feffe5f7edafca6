import { broken } from './errors.ts';
import { FRAME_SIZE } from './frames.ts';
import { widened } from './window.ts';

/** RFC 9113, section 6.5.2. */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Bytes of one setting. */
const SIZE = 6;

const LARGEST_FRAME_SIZE = 2 ** 24 - 1;

/** What the other side says that concerns us; undefined: nothing is said of it. */
export interface PeerSettings {
  /** Bytes that it takes on each stream. */
  readonly initialWindow: number | undefined;
  /** Streams that it takes at a time. */
  readonly maxStreams: number | undefined;
}

/** The payload of SETTINGS. */
export function encodeSettings(settings: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.allocUnsafe(settings.length * SIZE);
  settings.forEach(([setting, value], index) => {
    payload.writeUInt16BE(setting, index * SIZE);
    payload.writeUInt32BE(value, index * SIZE + 2);
  });
  return payload;
}

/**
 * Reads a payload of whole settings, of which the last one counts. The other side's table of
 * header fields does not concern us, as nothing is put there, nor do frames longer than the
 * shortest that all must take. Throws an Http2Fault.
 */
export function readSettings(payload: Buffer): PeerSettings {
  let initialWindow: number | undefined;
  let maxStreams: number | undefined;
  for (let at = 0; at < payload.length; at += SIZE) {
    const value = payload.readUInt32BE(at + 2);
    switch (payload.readUInt16BE(at)) {
      case SETTING.ENABLE_PUSH:
        if (value > 1) throw broken('ENABLE_PUSH out of range');
        break;
      case SETTING.MAX_CONCURRENT_STREAMS:
        maxStreams = value;
        break;
      case SETTING.INITIAL_WINDOW_SIZE:
        initialWindow = widened(0, value);
        break;
      case SETTING.MAX_FRAME_SIZE:
        if (value < FRAME_SIZE || value > LARGEST_FRAME_SIZE) {
          throw broken('MAX_FRAME_SIZE out of range');
        }
        break;
    }
  }
  return { initialWindow, maxStreams };
}

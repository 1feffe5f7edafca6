import { ERROR, Http2Fault } from './errors.ts';

/** Bytes that a window has while nothing was said of it (RFC 9113, section 6.9.2). */
export const DEFAULT_WINDOW = 65_535;

/** The most that a window holds, in bytes. */
export const LARGEST_WINDOW = 2 ** 31 - 1;

/** A window with so many bytes more, or fewer. Throws an Http2Fault. */
export function widened(window: number, bytes: number): number {
  if (window + bytes > LARGEST_WINDOW) {
    throw new Http2Fault(ERROR.FLOW_CONTROL_ERROR, 'a window too wide');
  }
  return window + bytes;
}

import { clock_time_get } from './wasi_snapshot_preview1';

const REALTIME = 0;
const result = memory.data(8, 8);

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function now(): i64 {
  return nanoseconds() / 1000000;
}

/** Microseconds since then. */
export function microseconds(): i64 {
  return nanoseconds() / 1000;
}

function nanoseconds(): i64 {
  // A host without a clock cannot run a store whose entries expire.
  assert(clock_time_get(REALTIME, 1000, result) === 0);
  return load<i64>(result);
}

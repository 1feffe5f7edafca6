import { clock_time_get } from './wasi_snapshot_preview1';

const REALTIME = 0;
const result = memory.data(8, 8);

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function now(): i64 {
  // A host without a clock cannot run a store whose entries expire.
  assert(clock_time_get(REALTIME, 1000000, result) === 0);
  return load<i64>(result) / 1000000;
}

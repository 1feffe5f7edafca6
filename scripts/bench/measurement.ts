import { percentile } from './statistics.ts';

/** What one run of a load tool against one subject gave. */
export interface Measurement {
  /** Answered calls a second. */
  readonly rate: number;
  /** Microseconds from the request's start to the answer's end. */
  readonly p50: number;
  readonly p99: number;
  readonly calls: number;
  /** Calls answered with an error, or not at all. */
  readonly failed: number;
}

/** From each call's microseconds, in any order, over so many seconds. */
export function measurement(micros: Float64Array, seconds: number, failed: number): Measurement {
  micros.sort();
  return {
    rate: micros.length / seconds,
    p50: percentile(micros, 0.5),
    p99: percentile(micros, 0.99),
    calls: micros.length,
    failed,
  };
}

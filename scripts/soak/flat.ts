import { median } from '../bench/statistics.ts';
import type { Sample } from './sample.ts';

export interface Flatness {
  readonly what: string;
  readonly unit: string;
  /** Medians of the second and of the last fifth of the samples. */
  readonly early: number;
  readonly late: number;
  /** The most that `late` may be. */
  readonly allowed: number;
  readonly flat: boolean;
}

/** Growth of memory that is no leak: the collector's ease, and pages that malloc keeps. */
const RSS_SHARE = 0.15;
const RSS_MIB = 48;
/** Connections and threads that a replacement has open for a moment. */
const DESCRIPTORS = 16;

/** Fewer samples than this in a fifth say nothing. */
const ENOUGH = 5;

function compare(
  what: string,
  unit: string,
  values: readonly number[],
  tolerance: (early: number) => number,
): Flatness {
  const fifth = Math.floor(values.length / 5);
  if (fifth < ENOUGH) throw new Error(`${values.length} samples are too few: make more calls`);
  const early = median(values.slice(fifth, 2 * fifth));
  const late = median(values.slice(4 * fifth));
  const allowed = early + tolerance(early);
  return { what, unit, early, late, allowed, flat: late <= allowed };
}

/**
 * Whether RSS and open descriptors stayed what they were: the last fifth against the second, as
 * the first warms up. Throws where there are too few samples to say.
 */
export function flatness(samples: readonly Sample[]): readonly Flatness[] {
  return [
    compare(
      'RSS',
      'MiB',
      samples.map(({ rss }) => rss),
      (early) => Math.max(RSS_MIB, early * RSS_SHARE),
    ),
    compare(
      'open descriptors',
      '',
      samples.map(({ descriptors }) => descriptors),
      () => DESCRIPTORS,
    ),
  ];
}

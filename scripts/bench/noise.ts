import type { Series } from './interleave.ts';
import { percent } from './table.ts';
import { spread } from './statistics.ts';

/** Rates of one subject under one load further apart than this tell little. */
const TOO_NOISY = 0.25;

/** One warning for each series whose rounds disagree. */
export function noiseWarnings(series: readonly Series<string>[]): string[] {
  return series.flatMap(({ subject, load, rounds }) => {
    const apart = spread(rounds.map(({ rate }) => rate));
    if (!(apart > TOO_NOISY)) return [];
    return [`too noisy: ${subject}, ${load}: rounds lie ${percent(apart)} apart; repeat the run`];
  });
}

import type { Measurement } from './measurement.ts';

/** Something that can be put under every load of a section. */
export interface Subject<Load> {
  readonly name: string;
  measure(load: Load, seconds: number): Promise<Measurement>;
}

/** All rounds of one subject under one load, in order. */
export interface Series<Load> {
  readonly subject: string;
  readonly load: Load;
  readonly rounds: Measurement[];
}

/**
 * Measures every subject under every load, `rounds` times over. One load goes round all subjects
 * before the next load comes, so that what disturbs the machine disturbs neighbours alike, and
 * each round begins with another subject. A first, short pass warms everything up and is
 * thrown away.
 */
export async function interleave<Load>(
  subjects: readonly Subject<Load>[],
  loads: readonly Load[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  progress: (text: string) => void,
): Promise<Series<Load>[]> {
  for (const load of loads)
    for (const subject of subjects) await subject.measure(load, Math.min(1, seconds));
  const series = loads.flatMap((load) =>
    subjects.map(({ name }): Series<Load> => ({ subject: name, load, rounds: [] })),
  );
  for (let round = 0; round < rounds; round++) {
    progress(`round ${round + 1} of ${rounds}`);
    for (const load of loads) {
      for (let turn = 0; turn < subjects.length; turn++) {
        const subject = subjects[(round + turn) % subjects.length];
        const found = series.find((one) => one.subject === subject?.name && one.load === load);
        if (subject !== undefined) found?.rounds.push(await subject.measure(load, seconds));
      }
    }
  }
  return series;
}

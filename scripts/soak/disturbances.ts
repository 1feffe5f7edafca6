/** What a soak does to the server, or asks a hostile guest to do. */
export type Kind = 'kill' | 'reload' | 'spin' | 'lost thread' | 'panic' | 'exit' | 'grow';

export interface Due {
  /** When so many calls have been answered. */
  readonly after: number;
  readonly kind: Kind;
}

export interface Disturbance {
  /** Seconds since the soak began. */
  readonly at: number;
  readonly kind: Kind;
}

const TROUBLE = ['spin', 'panic', 'exit', 'grow', 'lost thread'] as const;

/**
 * Shares of the calls after which the process is killed. All are early, so that one process
 * serves from the second fifth to the end, and what it leaks has time to show.
 */
const KILLS = [0.04, 0.08, 0.12];

/** Everything that happens in a soak of so many calls, in order. */
export function disturbances(calls: number): readonly Due[] {
  const evenly = (count: number, kind: (index: number) => Kind): Due[] =>
    Array.from({ length: count }, (_, index) => ({
      after: Math.round(((index + 0.5) / count) * calls),
      kind: kind(index),
    }));
  return [
    ...KILLS.map((share): Due => ({ after: Math.round(share * calls), kind: 'kill' })),
    ...evenly(Math.ceil(Math.min(100, calls / 2000)), () => 'reload'),
    ...evenly(
      Math.ceil(Math.min(400, calls / 1000)),
      (index) => TROUBLE[index % TROUBLE.length] ?? 'spin',
    ),
  ].toSorted((one, other) => one.after - other.after);
}

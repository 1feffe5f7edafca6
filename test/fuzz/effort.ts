/** A fixed seed, so that a run repeats; FUZZ_SEED and FUZZ_RUNS are for longer hunts by hand. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_123);

export function runs(usual: number): number {
  return Number(process.env['FUZZ_RUNS'] ?? usual);
}

/** Milliseconds for that many runs, generously. */
export function timeFor(usual: number): number {
  return 30_000 + runs(usual) * 100;
}

import { z } from 'zod';

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

function quantity(units: Readonly<Record<string, number>>, example: string) {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(value).trim());
    const factor = match?.[2] === undefined ? undefined : units[match[2]];
    if (match === null || factor === undefined) {
      context.addIssue({
        code: 'custom',
        message: `"${String(value)}" is not a number with a unit (${Object.keys(units).join(', ')}), as in ${example}`,
      });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * factor);
  });
}

/** `256MiB` and the like; gives bytes. */
export const size = quantity(SIZE_UNITS, '256MiB');

/** The longest that timers take is 24 days; this leaves room to add to it. */
const LONGEST = 500 * 3_600_000;

/** `5s`, `250ms` and the like, up to 500h; gives milliseconds. */
export const duration = quantity(DURATION_UNITS, '5s').refine(
  (value) => value <= LONGEST,
  'must be 500h at the most',
);

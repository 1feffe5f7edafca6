import type { Sample } from './sample.ts';
import type { Disturbance } from './disturbances.ts';

const WIDTH = 960;
const HEIGHT = 220;
const LEFT = 64;
const GAP = 56;
const TOP = 32;

const COLOURS: Readonly<Record<string, string>> = { kill: '#c0392b', reload: '#2e86c1' };

interface Panel {
  readonly title: string;
  readonly of: (sample: Sample) => number;
}

const PANELS: readonly Panel[] = [
  { title: 'RSS (MiB)', of: ({ rss }) => rss },
  { title: 'open descriptors', of: ({ descriptors }) => descriptors },
];

/**
 * RSS and descriptors over the seconds, as SVG. Upright lines mark replacements: red where the
 * process was killed, blue where a plugin was reloaded.
 */
export function plot(samples: readonly Sample[], disturbances: readonly Disturbance[]): string {
  const end = Math.max(1, ...samples.map(({ at }) => at));
  const x = (at: number): string => (LEFT + (at / end) * (WIDTH - LEFT - 16)).toFixed(1);
  const panels = PANELS.map(({ title, of }, index) => {
    const top = TOP + index * (HEIGHT + GAP);
    const most = Math.max(1, ...samples.map(of)) * 1.1;
    const y = (value: number): string => (top + HEIGHT - (value / most) * HEIGHT).toFixed(1);
    const marks = disturbances
      .filter(({ kind }) => kind in COLOURS)
      .map(
        ({ at, kind }) =>
          `<path d="M${x(at)} ${top}v${HEIGHT}" stroke="${COLOURS[kind]}" stroke-opacity="0.35"/>`,
      );
    const step = roundStep(most / 4);
    const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, tick) => {
      const value = tick * step;
      return `<text x="${LEFT - 6}" y="${y(value)}" text-anchor="end">${value}</text>
<path d="M${LEFT} ${y(value)}H${WIDTH - 16}" stroke="#ddd"/>`;
    });
    return `<text x="${LEFT}" y="${top - 8}" font-weight="bold">${title}</text>
${ticks.join('\n')}
${marks.join('\n')}
${lines(samples, (sample) => `${x(sample.at)} ${y(of(sample))}`)}`;
  });
  const height = TOP + PANELS.length * (HEIGHT + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="white"/>
${panels.join('\n')}
<text x="${LEFT}" y="${height - 24}">0 s to ${Math.round(end)} s, ${samples.at(-1)?.calls ?? 0} calls; red: the process was killed, blue: a plugin was reloaded</text>
</svg>
`;
}

/** One line for each process. */
function lines(samples: readonly Sample[], point: (sample: Sample) => string): string {
  const byProcess = Map.groupBy(samples, ({ process }) => process);
  return [...byProcess.values()]
    .map((own) => `<path d="M${own.map(point).join('L')}" fill="none" stroke="black"/>`)
    .join('\n');
}

/** The largest of 1, 2 and 5 times a power of ten that is not above `step`, and no less than 1. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return ([5, 2, 1].find((times) => times * power <= step) ?? 1) * power;
}

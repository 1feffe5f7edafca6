import type { Series } from './interleave.ts';
import { median, spread } from './statistics.ts';

/** A Markdown table; the first `texts` columns are text, the others stand to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number,
): string {
  const isText = (column: number): boolean => column < texts;

  const widths = head.map((title, column) =>
    Math.max(title.length, 3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/**
 * One row for each load and subject: medians over the rounds, and how `own` compares with each
 * peer. A ratio is the median of the rounds' ratios, as two runs of one round met the same
 * disturbances.
 */
export function seriesTable(series: readonly Series<string>[], own: string): string {
  const rows = series.map(({ subject, load, rounds }) => {
    const rates = rounds.map(({ rate }) => rate);
    const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
    const ours = series.find((one) => one.subject === own && one.load === load);
    const ratios = ours?.rounds.map(({ rate }, round) => rate / (rates[round] ?? Number.NaN)) ?? [];
    return [
      load,
      subject,
      grouped(median(rates)),
      percent(spread(rates)),
      grouped(median(rounds.map(({ p50 }) => p50))),
      grouped(median(rounds.map(({ p99 }) => p99))),
      subject === own || ratios.length === 0 ? '' : median(ratios).toFixed(2),
      failed === 0 ? '' : String(failed),
    ];
  });
  const head = ['load', 'store', 'calls/s', 'spread', 'p50 us', 'p99 us', `${own} / it`, 'failed'];
  return table(head, rows, 2);
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

import { fillKeys, loadHttp, type HttpLoad } from './http-load.ts';
import { interleave, type Series, type Subject } from './interleave.ts';

/** A store that daprd knows under `component`. */
export interface NamedStore {
  readonly name: string;
  readonly component: string;
}

const WORDS = { get: 'Get', set: 'Set', transact: '3-operation transaction' } as const;

/** The HTTP API of one daprd that has all these stores. */
export async function throughDaprd(
  port: number,
  stores: readonly NamedStore[],
  loads: readonly HttpLoad[],
  effort: { readonly rounds: number; readonly seconds: number },
  progress: (text: string) => void,
): Promise<Series<string>[]> {
  for (const { component } of stores) await fillKeys(port, component);
  const subjects = stores.map(({ name, component }): Subject<HttpLoad> => ({
    name,
    measure: (load, seconds) => loadHttp(port, component, load, seconds),
  }));
  const series = await interleave(subjects, loads, effort, progress);
  return series.map(({ subject, load, rounds }) => ({
    subject,
    load: `${WORDS[load.call]}, ${load.clients} client${load.clients === 1 ? '' : 's'}`,
    rounds,
  }));
}

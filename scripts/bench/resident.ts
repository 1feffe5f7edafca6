import { readFile, readdir } from 'node:fs/promises';

/** MiB of one process's memory. */
export interface Resident {
  /** All its pages in RAM. */
  readonly rss: number;
  /** The same with shared pages divided among those that share them. */
  readonly pss: number;
}

export async function residentOf(pid: number): Promise<Resident> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (field: string): number => {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup);
    return Number(found?.[1]) / 1024;
  };
  return { rss: mib('Rss'), pss: mib('Pss') };
}

/** A process and all that it started, however deep. */
export async function familyOf(pid: number): Promise<number[]> {
  const family = [pid];
  for (const parent of family) {
    for (const thread of await readdir(`/proc/${parent}/task`)) {
      const children = await readFile(`/proc/${parent}/task/${thread}/children`, 'utf8');
      family.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return family;
}

import { readFile, readdir } from 'node:fs/promises';

/** How a process stands at one moment. */
export interface Sample {
  /** Seconds since the soak began. */
  readonly at: number;
  /** Which of the processes that served after one another, from 0. */
  readonly process: number;
  /** MiB of its pages in RAM. */
  readonly rss: number;
  readonly descriptors: number;
  /** Calls answered so far. */
  readonly calls: number;
}

/** Undefined where the process has gone. */
export async function standing(
  pid: number,
): Promise<Pick<Sample, 'rss' | 'descriptors'> | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    if (kib === undefined) return undefined;
    return { rss: Number(kib) / 1024, descriptors: (await readdir(`/proc/${pid}/fd`)).length };
  } catch {
    return undefined;
  }
}

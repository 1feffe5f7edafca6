import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';
import { FAILED, type Tally } from './tally.ts';

/** Runs every spec with mocha, as people read it, and counts. */
export async function mochaTests(): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'wasmstate-mocha-'));
  const counts = join(folder, 'counts.json');
  try {
    const reporter = fileURLToPath(new URL('./counting-reporter.ts', import.meta.url));
    const code = await run('mocha', [
      '--reporter',
      reporter,
      '--reporter-option',
      `counts=${counts}`,
      'test/**/*.spec.ts',
    ]);
    const tally = JSON.parse(await readFile(counts, 'utf8')) as Tally;
    return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
  } catch {
    return FAILED;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

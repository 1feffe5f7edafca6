// The benchmark: wasmstate and its peers in one run on one machine.
// `main.ts [--rounds N] [--seconds S] [--only socket,...]`
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { requireTools } from './require-tools.ts';
import { sections } from './sections.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: Object.keys(sections).join(',') },
    /** Keep logs and data of every process that was started. */
    keep: { type: 'boolean', default: false },
  },
});
requireTools();
const effort = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const results = join(dirname(dirname(import.meta.dirname)), 'bench-results');
const scratch = await mkdtemp(join(tmpdir(), 'wasmstate-bench-'));
const machine = describeMachine();
const started = new Date();
const report: Record<string, unknown> = { started, machine, effort };
const texts: string[] = [];
function say(text: string): void {
  texts.push(text);
  console.log(`${text}\n`);
}

try {
  say(
    `${started.toISOString()}, ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB, ` +
      `Linux ${machine.kernel}, Node ${machine.node}; load average before the run ` +
      `${machine.load.toFixed(1)}; ${effort.rounds} rounds of ${effort.seconds} s`,
  );
  for (const name of values.only.split(',')) {
    const section = sections[name];
    if (section === undefined)
      throw new Error(`no section ${name}; there are ${Object.keys(sections).join(', ')}`);
    console.error(`# ${name}`);
    const folder = join(scratch, name);
    await mkdir(folder);
    try {
      const { text, data } = await section({
        effort,
        scratch: folder,
        progress: (step) => console.error(`  ${step}`),
      });
      say(text);
      report[name] = data;
    } catch (error) {
      // The other sections are worth having all the same.
      console.error(error);
      process.exitCode = 1;
    }
  }
  await mkdir(results, { recursive: true });
  const file = join(results, started.toISOString().replaceAll(':', ''));
  await writeFile(`${file}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${file}.md`, `${texts.join('\n\n')}\n`);
  console.log(`written to ${file}.json and .md`);
} finally {
  if (values.keep) console.error(`kept: ${scratch}`);
  else await rm(scratch, { recursive: true, force: true });
}

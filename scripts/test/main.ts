/** `make test`: every check and every test, and a last line that counts. */
import { goTests } from './go-tests.ts';
import { mochaTests } from './mocha-tests.ts';
import { run } from './run.ts';
import { add, closingLine, FAILED, NONE, PASSED, type Tally } from './tally.ts';

interface Part {
  readonly name: string;
  readonly run: () => Promise<Tally>;
  /** Nothing after it makes sense if it fails. */
  readonly decisive?: boolean;
}

const check = (name: string, program: string, ...parameters: string[]): Part => ({
  name,
  run: async () => ((await run(program, parameters)) === 0 ? PASSED : FAILED),
});

const parts: readonly Part[] = [
  { ...check('build', 'npm', 'run', '--silent', 'build'), decisive: true },
  check('format', 'npm', 'run', '--silent', 'format:check'),
  check('lint', 'npm', 'run', '--silent', 'lint'),
  check('types', 'npm', 'run', '--silent', 'typecheck'),
  check('test guests', 'node', 'scripts/build-guests.ts'),
  { name: 'mocha', run: mochaTests },
  { name: 'daprd', run: goTests },
];

let total = NONE;
for (const part of parts) {
  console.log(`\n== ${part.name}`);
  const started = performance.now();
  const tally = await part.run();
  console.log(
    `== ${part.name}: ${closingLine(tally)} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
  );
  total = add(total, tally);
  if (part.decisive === true && tally.failed > 0) break;
}
console.log(`\n${closingLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;

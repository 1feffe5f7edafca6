import { run } from './run.ts';
import { add, FAILED, NONE, PASSED, SKIPPED, type Tally } from './tally.ts';

/** One line of `go test -json`. */
interface GoEvent {
  readonly Action: string;
  readonly Package?: string;
  readonly Test?: string;
  readonly Output?: string;
  readonly Elapsed?: number;
}

const FOLDER = 'test/dapr';

/** Formats, vets and runs the Go module, which drives a real daprd; its leaf tests count. */
export async function goTests(): Promise<Tally> {
  if ((await run('go', ['version'])) !== 0) {
    const inCi = process.env['CI'] === 'true';
    console.log(`${inCi ? 'failed' : 'skipped'}: tests with a real daprd need Go (https://go.dev)`);
    return inCi ? FAILED : SKIPPED;
  }
  // The JavaScript application of the actor tests, and daprd itself, which takes minutes once.
  const app = await run('npm', ['ci', '--silent', '--prefix', `${FOLDER}/app`]);
  const binaries = await run('scripts/dapr-binaries.sh', []);
  if (app !== 0 || binaries !== 0) return FAILED;
  let unformatted = '';
  await run('gofmt', ['-l', '.'], { cwd: FOLDER, onLine: (line) => (unformatted += `${line}\n`) });
  if (unformatted !== '') console.log(`gofmt: not formatted:\n${unformatted}`);
  const vetted = await run('go', ['vet', './...'], { cwd: FOLDER });
  const checks = add(unformatted === '' ? PASSED : FAILED, vetted === 0 ? PASSED : FAILED);
  return vetted === 0 ? add(checks, await runTests()) : checks;
}

async function runTests(): Promise<Tally> {
  const results = new Map<string, string>();
  const outputs = new Map<string, string[]>();
  const code = await run('go', ['test', '-json', '-p', '1', '-count=1', '-timeout=40m', './...'], {
    cwd: FOLDER,
    onLine: (line) => {
      const event = parse(line);
      if (event === undefined) return console.log(line);
      const name = `${event.Package ?? ''} ${event.Test ?? ''}`;
      if (event.Action === 'output') {
        outputs.set(name, [...(outputs.get(name) ?? []), event.Output ?? '']);
        return undefined;
      }
      if (!['pass', 'fail', 'skip'].includes(event.Action)) return undefined;
      if (event.Test !== undefined) results.set(name, event.Action);
      console.log(`  ${event.Action} ${name} (${event.Elapsed ?? 0} s)`);
      if (event.Action !== 'pass') console.log((outputs.get(name) ?? []).join(''));
      outputs.delete(name);
      return undefined;
    },
  });
  const names = [...results.keys()];
  const tally = names
    .filter((name) => !names.some((other) => other.startsWith(`${name}/`)))
    .map((name) => results.get(name))
    .reduce(
      (sum, result) => add(sum, result === 'pass' ? PASSED : result === 'skip' ? SKIPPED : FAILED),
      NONE,
    );
  return code !== 0 && tally.failed === 0 ? add(tally, FAILED) : tally;
}

function parse(line: string): GoEvent | undefined {
  try {
    return JSON.parse(line) as GoEvent;
  } catch {
    return undefined;
  }
}

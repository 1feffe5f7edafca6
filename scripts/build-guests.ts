// Builds the test guests: `build-guests.ts [name...]`, all where none is named. What is up to
// date stays. A missing toolchain skips its guests, or fails with CI=true.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { guestFolder, guestModule } from '../test/guests/built.ts';
import { recipes, type Command, type Recipe } from '../test/guests/recipes.ts';

const root = dirname(import.meta.dirname);
const guests = join(root, 'test/guests');

/** Every file at or below a path, from the repository's root. */
function filesOf(path: string): string[] {
  const absolute = join(root, path);
  if (statSync(absolute).isFile()) return [path];
  const names = readdirSync(absolute).filter((name) => name !== 'build');
  return names.flatMap((name) => filesOf(join(path, name)));
}

/** Changes with any source, any source's name and any command. */
function digestOf(recipe: Recipe, output: string): string {
  const hash = createHash('sha256').update(JSON.stringify(recipe.commands(output)));
  for (const file of recipe.sources.flatMap(filesOf).toSorted())
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** False where the command failed; what it said is on the terminal. */
function run({ program, args, env }: Command): boolean {
  const { status, error } = spawnSync(program, args, {
    cwd: guests,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  if (error !== undefined) console.error(`${program}: ${error.message}`);
  return status === 0;
}

/** What became of the guest. */
function build(name: string, recipe: Recipe): 'up to date' | 'built' | 'skipped' | 'failed' {
  const module = guestModule(name);
  const stamp = `${module}.sources`;
  const fresh = `${module}.new`;
  const digest = digestOf(recipe, fresh);
  if (read(module) !== undefined && read(stamp) === digest) return 'up to date';

  rmSync(module, { force: true });
  const missing = recipe.missing();
  if (missing !== undefined) {
    console.log(`skipped: ${name}: needs ${missing}`);
    return process.env['CI'] === 'true' ? 'failed' : 'skipped';
  }
  mkdirSync(join(guestFolder(name), 'build'), { recursive: true });
  if (!recipe.commands(fresh).every(run)) return 'failed';
  writeFileSync(stamp, digest);
  renameSync(fresh, module);
  return 'built';
}

const asked = process.argv.slice(2);
let failed = false;
for (const name of asked.length > 0 ? asked : Object.keys(recipes)) {
  const recipe = recipes[name];
  const outcome = recipe === undefined ? 'unknown' : build(name, recipe);
  if (outcome !== 'skipped') console.log(`${name}: ${outcome}`);
  failed ||= outcome === 'failed' || outcome === 'unknown';
}
if (failed) process.exitCode = 1;

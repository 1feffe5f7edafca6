// Compiles every plugins/<name>/assembly/index.ts to plugins/<name>/build/<name>.wasm.
// A module that is newer than all that it is made from is left alone; --force compiles it anyway.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

const root = dirname(import.meta.dirname);
const plugins = join(root, 'plugins');
const compiler = join(root, 'node_modules/assemblyscript');

const options = [
  '--optimizeLevel=3',
  // Keeps function names, so that a trap's stack can be read.
  '--debug',
  // Objects are collected when the plugins call __collect, between calls; memory comes from their
  // own allocator.
  '--runtime=minimal',
  '--use=__alloc=plugins/lib/assembly/memory/allocator/allocate',
  '--use=__realloc=plugins/lib/assembly/memory/allocator/reallocate',
  '--use=__free=plugins/lib/assembly/memory/allocator/release',
  // Initialised by the host when it is ready for the guest's imports, not by instantiation.
  '--exportStart=_initialize',
  // A failed assertion traps; without this it would call an import that hosts do not have.
  '--use=abort=',
];

function modified(file: string): number {
  return statSync(file).mtimeMs;
}

/** Whether the module is older than one of its sources, the compiler or this script. */
function isStale(name: string, module: string): boolean {
  if (!existsSync(module)) return true;
  const sources = [
    ...globSync(join(plugins, '{lib,' + name + '}/assembly/**/*.ts')),
    join(compiler, 'package.json'),
    import.meta.filename,
  ];
  return sources.some((source) => modified(source) > modified(module));
}

/** @returns whether it compiled; what is wrong is on stderr. */
function build(name: string): boolean {
  const entry = join('plugins', name, 'assembly/index.ts');
  const module = join('plugins', name, 'build', `${name}.wasm`);
  if (!process.argv.includes('--force') && !isStale(name, join(root, module))) {
    console.log(`${module} is up to date`);
    return true;
  }
  mkdirSync(dirname(join(root, module)), { recursive: true });
  // A process of its own: the compiler's types would replace this program's global ones.
  const { status, error } = spawnSync(
    process.execPath,
    [join(compiler, 'bin/asc.js'), entry, `--outFile=${module}`, ...options],
    { cwd: root, stdio: 'inherit' },
  );
  if (error) throw error;
  if (status !== 0) {
    console.error(`${entry} does not compile`);
    return false;
  }
  console.log(`${module}: ${statSync(join(root, module)).size} bytes`);
  return true;
}

const names = globSync(join(plugins, '*/assembly/index.ts')).map((entry) =>
  relative(plugins, dirname(dirname(entry))),
);
for (const name of names.toSorted()) {
  if (!build(name)) process.exitCode = 1;
}

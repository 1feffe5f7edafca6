import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** How a test guest is made from its sources. Paths are relative to the guests' folder. */
export interface Recipe {
  /** Files and folders that the module depends on, from the repository's root. */
  readonly sources: readonly string[];
  /** What the recipe needs and this machine lacks, in words; undefined: nothing. */
  missing(): string | undefined;
  /** Commands that end with a module at `output`, an absolute path. */
  commands(output: string): Command[];
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const GUESTS = 'test/guests';

/** True where the program starts and ends well when it is asked for its version. */
function runs(program: string, ...args: string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

function printed(program: string, ...args: string[]): string {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

function go(name: string): Recipe {
  const protos = ['proto/dapr', 'proto/wasmstate/kv'];
  const own = ['go.mod', 'go.sum', 'buf.gen.yaml', 'trouble', 'failure', name];
  return {
    sources: [...own.map((path) => join(GUESTS, path)), ...protos],
    missing: () => (runs('go', 'version') ? undefined : 'Go 1.24 or later'),
    commands: (output) => [
      {
        program: '../../node_modules/.bin/buf',
        args: [
          'generate',
          '../..',
          '--template=buf.gen.yaml',
          ...protos.map((p) => `--path=../../${p}`),
        ],
      },
      {
        program: 'go',
        args: ['build', '-trimpath', '-buildmode=c-shared', `-o=${output}`, `./${name}`],
        env: { GOOS: 'wasip1', GOARCH: 'wasm' },
      },
    ],
  };
}

function c(name: string, ...flags: string[]): Recipe {
  const target = '--target=wasm32-wasi';
  return {
    sources: [join(GUESTS, 'wire'), join(GUESTS, name)],
    missing: () => {
      const lacks: string[] = [];
      if (!runs('clang', '--version')) lacks.push('clang');
      if (!runs('wasm-ld', '--version')) lacks.push('lld');
      if (!existsSync('/usr/lib/wasm32-wasi/libc.a')) lacks.push('wasi-libc');
      if (!existsSync(printed('clang', target, '-print-libgcc-file-name')))
        lacks.push('libclang-rt-dev-wasm32');
      return lacks.length === 0 ? undefined : lacks.join(', ');
    },
    commands: (output) => [
      {
        program: 'clang',
        args: [
          target,
          '--sysroot=/usr',
          '-Os',
          '-Wall',
          '-Wextra',
          '-Werror',
          '-Wl,--export=malloc,--export=free,--strip-all',
          ...flags,
          `-o${output}`,
          `${name}/main.c`,
          'wire/message.c',
          'wire/table.c',
        ],
      },
    ],
  };
}

function rust(name: string): Recipe {
  // Debian's compiler by its path: another one earlier in PATH need not have the target.
  const rustc = '/usr/bin/rustc';
  const libraries = (): string =>
    printed(rustc, '--print=target-libdir', '--target=wasm32-wasi') || '/nonexistent';
  const reactor = (): string => join(libraries(), 'self-contained', 'crt1-reactor.o');
  return {
    sources: [join(GUESTS, name)],
    missing: () =>
      existsSync(reactor()) ? undefined : `${rustc} with its libstd-rust-dev-wasm32 (and lld)`,
    commands: (output) => [
      {
        program: rustc,
        args: [
          '--edition=2021',
          '--crate-type=cdylib',
          '--target=wasm32-wasi',
          '-Dwarnings',
          '-Copt-level=s',
          '-Cpanic=abort',
          '-Cstrip=symbols',
          // This compiler makes no reactors of its own accord.
          `-Clink-args=${reactor()} --export=_initialize --export=malloc --export=free`,
          `-o${output}`,
          `${name}/src/lib.rs`,
        ],
      },
    ],
  };
}

/** Every test guest by name, which is also its folder's. */
export const recipes: Readonly<Record<string, Recipe>> = {
  'go-dapr': go('go-dapr'),
  'go-kv': go('go-kv'),
  'c-dapr': c('c-dapr', '-mexec-model=reactor'),
  'rust-dapr': rust('rust-dapr'),
  'store-v01': c('store-v01', '-Wl,--export=calloc,--export=realloc'),
};

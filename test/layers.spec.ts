import { strict as assert } from 'node:assert';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const SRC = resolve(import.meta.dirname, '../src');

/** From the top down: a layer imports itself and what stands below it. */
const LAYERS = [
  'cli',
  'supervisor',
  'embed',
  'thread',
  'transport',
  'service',
  'component',
  'pool',
  'guest',
  'kv',
  'http2',
  'config',
  'observe',
] as const;

/** Modules that one layer alone may import, or a few. */
const CONFINED: Readonly<Record<string, readonly string[]>> = {
  '@grpc/grpc-js': ['transport'],
  '@grpc/proto-loader': ['transport'],
  '@grpc/reflection': ['transport'],
  'grpc-health-check': ['transport'],
  'node:worker_threads': ['supervisor', 'thread'],
  winston: ['observe'],
  commander: ['cli'],
  'node:sqlite': ['kv'],
  '@redis/client': ['kv'],
  pg: ['kv'],
};

const files = globSync('**/*.ts', { cwd: SRC }).filter(
  (file) => !file.startsWith('gen/') && !file.endsWith('.d.ts'),
);

/** Everything that a file imports, types included. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function layerOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

describe('the layers of src', () => {
  it('are all known', () => {
    const unknown = files.map(layerOf).filter((layer) => layer !== '' && !isLayer(layer));
    assert.deepEqual(unknown, []);
  });

  it('import downwards only', () => {
    const upward = files.flatMap((file) => {
      const from = LAYERS.findIndex((layer) => layer === layerOf(file));
      // Files at the top of src: index.ts sees everything, error.ts is below everything.
      if (from < 0) return [];
      return importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(SRC, join(SRC, dirname(file), specifier)))
        .filter((target) => {
          const to = LAYERS.findIndex((layer) => layer === layerOf(target));
          return to >= 0 && to < from;
        })
        .map((target) => `${file} imports ${target}`);
    });
    assert.deepEqual(upward, []);
  });

  it('keep each outside library in its place', () => {
    const strays = files.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => CONFINED[specifier]?.includes(layerOf(file)) === false)
        .map((specifier) => `${file} imports ${specifier}`),
    );
    assert.deepEqual(strays, []);
  });

  it('use WebAssembly in guest alone', () => {
    const strays = files.filter(
      (file) =>
        layerOf(file) !== 'guest' &&
        /\bWebAssembly\.\w/.test(
          readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ''),
        ),
    );
    assert.deepEqual(strays, []);
  });
});

function isLayer(name: string): boolean {
  return LAYERS.some((layer) => layer === name);
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { readManifest } from '../../src/config/manifest.ts';
import { WasmstateError } from '../../src/error.ts';
import { SEED, runs, timeFor } from './effort.ts';

const RUNS = 1000;

const FIELDS =
  'module sha256 state dialect pool limits kv env interrupt reload max maxCalls maxMemory idle call init memory request queue logLines engine path url __proto__ constructor <<'.split(
    ' ',
  );
const WORDS = [
  'guest',
  'host',
  'auto',
  'sqlite',
  '5s',
  '64MiB',
  '-1',
  '1e999',
  '.nan',
  '~',
  '&a',
  '*a',
];

const scalar = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer().map(String),
  fc.double().map(String),
  fc.string(),
);
/** YAML as people get it wrong: known fields with values of other kinds, nested at random. */
const { yaml } = fc.letrec<{ yaml: string; map: string; list: string }>((tie) => ({
  yaml: fc.oneof({ maxDepth: 4 }, scalar, tie('map'), tie('list')),
  map: fc
    .array(fc.tuple(fc.constantFrom(...FIELDS), tie('yaml')), { maxLength: 6 })
    .map((pairs) => `{${pairs.map(([name, value]) => `${name}: ${value}`).join(', ')}}`),
  list: fc.array(tie('yaml'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
}));

const known = fc.constantFrom(...FIELDS.slice(1, 10));
const nearlyRight = fc
  .uniqueArray(fc.tuple(known, yaml), { maxLength: 4, selector: ([name]) => name })
  .map((pairs) =>
    ['module: m.wasm', ...pairs.map(([name, value]) => `${name}: ${value}`)].join('\n'),
  );

describe('manifests of random content', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wasmstate-manifests-'));
  after(() => rmSync(folder, { recursive: true }));

  async function readOrRefuse(content: string | Uint8Array): Promise<void> {
    writeFileSync(join(folder, 'plugin.yaml'), content);
    try {
      const manifest = await readManifest('fuzzed', folder);
      assert(manifest.module.startsWith(folder), manifest.module);
      assert(manifest.limits.call > 0 && manifest.limits.memory > 0);
    } catch (error) {
      assert(error instanceof WasmstateError, String(error));
      assert.equal(error.code, 'CONFIG_INVALID');
      assert.match(error.message, /plugin\.yaml/u);
    }
  }

  it('are read or refused where they are bytes', () =>
    fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), readOrRefuse), {
      seed: SEED,
      numRuns: runs(RUNS),
    })).timeout(timeFor(RUNS));

  it('are read or refused where they are nearly right', () =>
    fc.assert(fc.asyncProperty(nearlyRight, readOrRefuse), {
      seed: SEED,
      numRuns: runs(RUNS),
    })).timeout(timeFor(RUNS));
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeContract } from './contract.ts';

describe('the sqlite engine', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'wasmstate-sqlite-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  describeContract({
    settings: () => ({ engine: 'sqlite', path: 'kv', synchronous: 'full' }),
    dataFolder: () => folder,
    outlivesHost: true,
  });
});

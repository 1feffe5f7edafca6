import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlugin } from '../../src/index.ts';
import { failure, watGuest } from '../serve/wat-guest.ts';

/** More than a thread has places for instances. */
const MANY = 4200;

describe('an Init that fails', () => {
  for (const [how, body] of [
    ['with the guest’s own error', failure(256, 0)],
    ['with a trap', '(unreachable)'],
  ] as const) {
    it(`${how} leaves nothing behind, however often`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'wasmstate-inits-'));
      const module = join(folder, 'failing.wasm');
      await writeFile(module, watGuest({ exports: { init: body } }));
      try {
        await using plugin = await openPlugin(module);
        for (let count = 0; count < MANY; count += 1) {
          await assert.rejects(
            plugin.open('component'),
            (error: Error) => !/at most/u.test(error.message),
          );
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    }).timeout(60_000);
  }
});

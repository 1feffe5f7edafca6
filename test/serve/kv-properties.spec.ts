import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { openPlugin } from '../../src/index.ts';

describe('properties that begin with kv.', () => {
  it('are refused by a plugin without the capability, by name and not by value', async () => {
    await using plugin = await openPlugin(join(import.meta.dirname, '../../plugins/memory'));
    await assert.rejects(plugin.open('component', { 'kv.password': 'hush' }), (error: Error) => {
      assert.match(error.message, /^kv\.password: plugin memory does not use/u);
      assert.doesNotMatch(error.message, /hush/u);
      return true;
    });
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

/** Runs in a process of its own: this one has loaded everything. */
const SCRIPT = `
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const match = /^(@redis\\/client|pg|node:sqlite)$/.exec(specifier);
      if (match) loaded.add(match[1]);
      return next(specifier, context);
    },
  });
  const { createKeyspaces } = await import('./src/kv/keyspaces.ts');
  const keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
  const before = [...loaded];
  await keyspaces.open({ engine: 'memory' }, { plugin: 'p', component: 'c' });
  console.log(JSON.stringify({ before, after: [...loaded] }));
  await keyspaces.close();
`;

describe('the client libraries of engines', () => {
  it('are loaded by nobody who does not use them', () => {
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
    });
    assert.deepEqual(JSON.parse(output), { before: [], after: ['node:sqlite'] });
  });
});

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { keyspaceName } from '../../src/kv/keyspace-name.ts';

describe('names of keyspaces', () => {
  it('read as the plugin and component where these are plain', () => {
    assert.equal(
      keyspaceName({ plugin: 'durable', component: 'state-store_2.x' }),
      'durable/state-store_2.x',
    );
    assert.equal(keyspaceName({ plugin: 'durable', component: '' }), 'durable/~');
    assert.equal(keyspaceName({ share: 'both' }), '~shared/both');
    const odd = keyspaceName({ plugin: 'p', component: '../Ä/{x}' });
    assert.equal(odd, 'p/%2E.%2F%C3%84%2F%7Bx%7D');
  });

  it('are safe as paths, short, and different for different owners', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ maxLength: 400, minLength: 60 }),
    );
    fc.assert(
      fc.property(part, part, part, part, (plugin, component, otherPlugin, otherComponent) => {
        const name = keyspaceName({ plugin, component });
        assert.match(name, /^[a-z0-9_%~A-F-][a-z0-9._%~A-F-]*\/[a-z0-9_%~A-F-][a-z0-9._%~A-F-]*$/);
        for (const each of name.split('/')) assert.ok(each.length <= 200);
        const other = keyspaceName({ plugin: otherPlugin, component: otherComponent });
        const same = plugin === otherPlugin && component === otherComponent;
        assert.equal(name.toLowerCase() === other.toLowerCase(), same);
        assert.notEqual(name, keyspaceName({ share: component }));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});

import assert from 'node:assert/strict';
import { fieldsByName } from '../../../src/kv/http2/fields.ts';

describe('the fields of an answer', () => {
  it('are found by their names, those of one name together', () => {
    assert.deepEqual(
      [...fieldsByName(['a', '1', 'b', '', 'a', '2'])],
      [
        ['a', '1,2'],
        ['b', ''],
      ],
    );
  });
});

import assert from 'node:assert/strict';
import { faultOf, put } from '../client.ts';
import type { Bench } from './bench.ts';

export function describeEndedCalls(on: Bench): void {
  describe('a call', () => {
    it('whose deadline has passed does nothing', async () => {
      const late = { deadline: performance.now() };
      assert.equal(faultOf(await on.kv.tryCommit([put('a', '1')], [], late)), 'DEADLINE_EXCEEDED');
      assert.equal(faultOf(await on.kv.tryGet(['a'], late)), 'DEADLINE_EXCEEDED');
      assert.equal(faultOf(await on.kv.tryScan({}, late)), 'DEADLINE_EXCEEDED');
      assert.equal(await on.kv.text('a'), undefined);
    });

    it('whose caller has gone does nothing', async () => {
      const gone = { deadline: Infinity, signal: AbortSignal.abort() };
      assert.equal(faultOf(await on.kv.tryCommit([put('a', '1')], [], gone)), 'DEADLINE_EXCEEDED');
      assert.equal(await on.kv.text('a'), undefined);
    });
  });
}

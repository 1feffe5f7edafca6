import { Bench, type Subject } from './contract/bench.ts';
import { describeCommits } from './contract/commit.ts';
import { describeConcurrency } from './contract/concurrency.ts';
import { describeEndedCalls } from './contract/ended-calls.ts';
import { describeExpiry } from './contract/expiry.ts';
import { describeKeyspaces } from './contract/keyspaces.ts';
import { describeLimits } from './contract/limits.ts';
import { describeScans } from './contract/scan.ts';
import { describeModel } from './model.ts';

/** Registers the tests that every engine passes. */
export function describeContract(subject: Subject): void {
  const on = new Bench(subject);
  describeCommits(on);
  describeExpiry(on);
  describeScans(on);
  describeLimits(on);
  describeConcurrency(on);
  describeKeyspaces(on);
  describeEndedCalls(on);
  describeModel(() => on.kv);
}

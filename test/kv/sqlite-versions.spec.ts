import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { openMemoryDatabase } from '../../src/kv/sqlite/open.ts';
import { Statements } from '../../src/kv/sqlite/statements.ts';
import { Versions } from '../../src/kv/sqlite/versions.ts';

const START = Date.UTC(2030, 0);

/** Of versions of commits that are on the way to the file. */
const OUTCOMES = ['committed', 'rolled back'] as const;

/** Counts what is written beside the entries. */
class Counting extends Statements {
  ceilings = 0;
  override setLastVersion(version: number): void {
    this.ceilings += 1;
    super.setLastVersion(version);
  }
}

/** One transaction with `puts` commits; gives their versions. */
function give(
  statements: Statements,
  versions: Versions,
  now: number,
  puts = 1,
  outcome: (typeof OUTCOMES)[number] = 'committed',
): number[] {
  statements.beginImmediate();
  const before = versions.last(now);
  const settle = versions.setAside(before + puts, now);
  if (outcome === 'committed') {
    statements.commit();
    settle();
  } else {
    statements.rollback();
  }
  return Array.from({ length: puts }, (_, index) => before + index + 1);
}

/** As it was before ceilings: the last version itself is written with each commit. */
function giveAsBefore(statements: Statements, now: number): number[] {
  statements.beginImmediate();
  const version = Math.max(statements.lastVersion(), now * 1000) + 1;
  statements.setLastVersion(version);
  statements.commit();
  return [version];
}

describe('versions in sqlite', () => {
  const anyStep = fc.record({
    /** Ms that the clock moves. */
    clock: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -200_000, max: 200_000 })),
    who: fc.integer({ min: 0, max: 2 }),
    as: fc.constantFrom('connection', 'connection', 'restarted', 'earlier wasmstate'),
    puts: fc.integer({ min: 1, max: 300 }),
    outcome: fc.constantFrom('committed', 'committed', ...OUTCOMES),
  });

  it('grow, whoever gives them, over restarts, rollbacks and a clock that is set', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const statements = new Statements(openMemoryDatabase());
        const connections = Array.from({ length: 3 }, () => new Versions(statements));
        let now = START;
        let greatest = 0;
        for (const { clock, who, as, puts, outcome } of steps) {
          now += clock;
          if (as === 'restarted') connections[who] = new Versions(statements);
          const versions = connections[who] ?? assert.fail();
          const given =
            as === 'earlier wasmstate'
              ? giveAsBefore(statements, now)
              : give(statements, versions, now, puts, outcome);
          if (as !== 'earlier wasmstate' && outcome === 'rolled back') continue;
          for (const version of given) {
            assert.ok(version > greatest && version > now * 1000);
            greatest = version;
          }
        }
      }),
    );
  });

  it("are not given from another's ceiling by a connection whose commit failed", () => {
    const statements = new Statements(openMemoryDatabase());
    const [one, other] = [new Versions(statements), new Versions(statements)];
    // In the same millisecond both set the same aside.
    give(statements, one, START, 1, 'rolled back');
    const taken = give(statements, other, START, 5);
    const [next] = give(statements, one, START);
    assert.ok(!taken.includes(next ?? 0));
  });

  it('are not ahead of the clock by more than a tenth of a second, however often it starts', () => {
    const statements = new Statements(openMemoryDatabase());
    let given: number[] = [];
    for (let start = 0; start < 1000; start += 1) {
      given = give(statements, new Versions(statements), START);
    }
    assert.ok((given[0] ?? Infinity) <= START * 1000 + 100_000 + 1000);
  });

  it('are written for a tenth of a second at a time', () => {
    const statements = new Counting(openMemoryDatabase());
    const versions = new Versions(statements);
    for (let ms = 0; ms < 1000; ms += 1) give(statements, versions, START + ms);
    assert.equal(statements.ceilings, 10);
  });
});

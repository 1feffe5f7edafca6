import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { deadlines, Timed } from '../../src/kv/deadlines.ts';

describe('deadlines', () => {
  /** Waits for `ms` from now; tells when it expired, and how late in ms. */
  const waitFor = (ms: number, onExpire = (): void => undefined): [Timed, Promise<number>] => {
    const deadline = performance.now() + ms;
    let timed!: Timed;
    const late = new Promise<number>((resolve) => {
      timed = new Timed(deadline, () => {
        onExpire();
        resolve(performance.now() - deadline);
      });
    });
    deadlines.add(timed);
    return [timed, late];
  };
  // The timer itself keeps nobody waiting.
  let alive: NodeJS.Timeout;
  beforeEach(() => (alive = setInterval(() => undefined, 1000)));
  afterEach(() => clearInterval(alive));

  it('expire, never early, whatever the order in which they were set', async () => {
    const all = [40, 10, 30, 20, 10].map((ms) => waitFor(ms)[1]);
    for (const late of await Promise.all(all)) assert.ok(late >= 0, `${late} ms`);
  });

  it('expire also where the earliest of them has ended before', async () => {
    const [first] = waitFor(5, () => assert.fail('it has ended'));
    const [, second] = waitFor(30);
    deadlines.delete(first);
    deadlines.delete(first);
    assert.ok((await second) >= 0);
    await pause(1);
    assert.ok((await waitFor(5)[1]) >= 0);
  });

  it('expire once, and not where another one that expired has ended them', async () => {
    const expired: string[] = [];
    const pair: Timed[] = [];
    const deadline = performance.now() + 5;
    for (const name of ['a', 'b']) {
      const timed = new Timed(deadline, () => {
        expired.push(name);
        for (const other of pair) deadlines.delete(other);
      });
      pair.push(timed);
      deadlines.add(timed);
    }
    await waitFor(15)[1];
    assert.equal(expired.length, 1);
  });

  it('never expire where there is none', async () => {
    const never = new Timed(Infinity, () => assert.fail('it expired'));
    deadlines.add(never);
    await waitFor(5)[1];
    deadlines.delete(never);
  });
});

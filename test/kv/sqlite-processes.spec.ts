import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Client } from './client.ts';
import { put } from './client.ts';
import { TemporaryKeyspaces } from './temporary-keyspaces.ts';

const SCRIPT = fileURLToPath(new URL('sqlite-counter.ts', import.meta.url));

/** A process of sqlite-counter.ts. */
class Counter {
  /** Versions by step, of what this process was told is done. */
  readonly acknowledged = new Map<number, bigint>();
  /** Once it has ended and all that it said was read. */
  readonly ended: Promise<unknown[]>;
  readonly #process: ChildProcess;
  #onStep = (): void => undefined;

  constructor(file: string, name: string, steps = Infinity) {
    const child = spawn(process.execPath, [SCRIPT, file, name, String(steps)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.ended = once(child, 'close');
    createInterface(child.stdout).on('line', (line) => {
      const [step = '', version = ''] = line.split(' ');
      this.acknowledged.set(Number(step), BigInt(version));
      this.#onStep();
    });
  }

  /** Resolves when `more` further steps are acknowledged; fails if the process ends before. */
  async makes(more: number): Promise<void> {
    const enough = this.acknowledged.size + more;
    const reached = new Promise<void>((resolve) => {
      this.#onStep = () => this.acknowledged.size >= enough && resolve();
    });
    const ended = this.ended.then((how) => assert.fail(`it ended: ${how.join(' ')}`));
    await Promise.race([reached, ended]);
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    assert.deepEqual(await this.ended, [null, 'SIGKILL']);
  }
}

describe('two processes on one sqlite file', function () {
  this.timeout(60_000);
  const on = new TemporaryKeyspaces();
  const running: Counter[] = [];

  const start = (file: string, name: string, steps?: number): Counter => {
    const counter = new Counter(file, name, steps);
    running.push(counter);
    return counter;
  };

  /** All steps that were acknowledged, of all processes; none was to two, and versions grow. */
  const acknowledged = (): number[] => {
    const steps = running.flatMap((counter) => [...counter.acknowledged]);
    steps.sort(([one], [other]) => one - other);
    steps.reduce((before, after) => {
      assert.ok(before[0] < after[0], `step ${after[0]} was acknowledged twice`);
      assert.ok(before[1] < after[1], `step ${after[0]} has a version that is not above`);
      return after;
    });
    return steps.map(([step]) => step);
  };

  const begin = async (name: string): Promise<Client> => {
    const kv = await on.open(name);
    await kv.commit([put('n', '0')]);
    return kv;
  };

  afterEach(async () => {
    const left = running.splice(0);
    for (const counter of left) await counter.kill().catch(() => undefined);
  });

  it('lose no increment', async () => {
    const kv = await begin('both');
    const counters = ['one', 'other'].map((name) => start(on.file('both'), name, 300));
    for (const { ended } of counters) assert.deepEqual(await ended, [0, null]);
    assert.equal(await kv.text('n'), '600');
    assert.deepEqual(
      acknowledged(),
      Array.from({ length: 600 }, (_, index) => index + 1),
    );
  });

  it('go on, one of them, when the other is killed, and keep what both acknowledged', async () => {
    // Nobody has the file open but the processes themselves.
    await (await begin('killed')).keyspace.close();
    const file = on.file('killed');
    const survivor = start(file, 'survivor');
    await survivor.makes(1);
    const killed = 4;
    for (let run = 0; run < killed; run += 1) {
      const victim = start(file, 'victim');
      await victim.makes(40 + run * 17);
      await victim.kill();
      await survivor.makes(40);
    }
    await survivor.kill();

    const kv = await on.open('killed');
    const last = Number(await kv.text('n'));
    const steps = acknowledged();
    const names = await Promise.all(
      Array.from({ length: last }, async (_, index) => kv.text(`step ${index + 1}`)),
    );
    // Whatever was counted stands, and was acknowledged but for the one that each was at.
    assert.ok(names.every((name) => name === 'survivor' || name === 'victim'));
    assert.ok(steps.every((step) => step <= last));
    assert.ok(last - steps.length <= killed + 1, `${last} steps, ${steps.length} acknowledged`);
  });
});

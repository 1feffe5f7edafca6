import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Liveness } from '../../../src/kv/http2/liveness.ts';

describe('the liveness of a connection', () => {
  let liveness: Liveness;
  let silence: Promise<number>;

  /** `answers`: whether PINGs are answered. */
  const watch = (answers: boolean): void => {
    const { promise, resolve } = Promise.withResolvers<number>();
    silence = promise;
    liveness = new Liveness({
      isBusy: () => true,
      ping: () => {
        if (answers) setImmediate(() => liveness.heard());
      },
      onDead: resolve,
    });
  };
  afterEach(() => liveness.close());

  it('ends when nothing comes after a question', async () => {
    watch(false);
    liveness.ask();
    assert.ok((await silence) >= 1000);
  });

  it('is not judged by a question that was never asked', async function () {
    this.timeout(5000);
    watch(true);
    liveness.ask();
    await pause(1100);
    // Too soon for another PING, and a server that is slow with requests says nothing else.
    liveness.ask();
    assert.equal(await Promise.race([silence, pause(1300, 'alive')]), 'alive');
  });
});

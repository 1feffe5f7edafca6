import assert from 'node:assert/strict';
import { OpenGuest } from './open-guest.ts';

const limits = { call: '15s', memory: '128MiB' };

for (const { name, keepsState } of [
  { name: 'go-dapr', keepsState: false },
  { name: 'go-kv', keepsState: true },
]) {
  describe(`trouble in ${name}`, () => {
    const guest = OpenGuest.forTests(name, { limits });
    const spinning = OpenGuest.forTests(name, { limits: { ...limits, call: '2s' } });
    const outcome = keepsState ? 'loses nothing' : 'begins anew with the next call';

    it('sleeps on a timer while other components are answered', async () => {
      await using sleeper = await guest.plugin.open('sleeper');
      await using other = await guest.plugin.open('other');
      const order: string[] = [];
      const asleep = sleeper.get('app||sleep:200').then((found) => {
        order.push(Buffer.from(found?.data ?? []).toString());
      });
      await other.set('key', 'value');
      order.push('other');
      await asleep;
      assert.deepEqual(order, ['other', 'slept']);
    });

    it('lets calls of one component wait for the one that sleeps, and answers all', async () => {
      await using store = await guest.plugin.open('several');
      await store.set('key', 'value');
      const answers = await Promise.all([
        store.get('sleep:50'),
        ...Array.from({ length: 20 }, () => store.get('key')),
      ]);
      assert.deepEqual(
        answers.map((found) => Buffer.from(found?.data ?? []).toString()),
        ['slept', ...Array.from({ length: 20 }, () => 'value')],
      );
    });

    it('turns what it prints into log lines', async () => {
      await using store = await guest.plugin.open('talker');
      await store.get('log:said aloud');
      const lines = guest.logged.filter(({ msg }) => msg === 'said aloud');
      assert.deepEqual(
        lines.map(({ fields }) => [fields['stream'], fields['component'], fields['plugin']]),
        [
          ['stdout', 'talker', name],
          ['stderr', 'talker', name],
        ],
      );
    });

    it('may take memory up to its limit', async () => {
      await using store = await guest.plugin.open('eater');
      const found = await store.get('alloc:32');
      assert.equal(Buffer.from(found?.data ?? []).toString(), String(32 * 2 ** 20));
    });

    const fatal: Readonly<Record<string, { code: string; message: RegExp }>> = {
      panic: { code: 'GUEST_FAILED', message: /trapped.*gopanic/s },
      exit: { code: 'GUEST_FAILED', message: /exit code 3/ },
      'alloc:512': { code: 'GUEST_FAILED', message: /./ },
    };
    for (const [key, error] of Object.entries(fatal)) {
      it(`ends an instance that does ${key}, and ${outcome}`, async () => {
        await using store = await guest.plugin.open(`fatal ${key}`);
        await store.set('kept', 'value');
        await assert.rejects(store.get(`app||${key}`), error);
        assert.equal((await store.get('kept')) !== undefined, keepsState);
        await store.set('after', 'value');
        assert.ok(await store.get('after'));
      });
    }

    it(`ends an instance that spins, at its limit, and ${outcome}`, async function () {
      this.timeout(60_000);
      await using store = await spinning.plugin.open('spinning');
      await store.set('kept', 'value');
      await assert.rejects(store.get('app||spin'), {
        code: 'DEADLINE_EXCEEDED',
        message: /longer than/,
      });
      assert.equal((await store.get('kept')) !== undefined, keepsState);
      await store.set('after', 'value');
      assert.ok(await store.get('after'));
    });

    it('is not entered for a service that it never registered', async () => {
      await using store = await guest.plugin.open('unregistered');
      await store.set('kept', 'value');
      // Its exports have MultiMaxSize and Query, which trap; daprd asks for the first unasked.
      await assert.rejects(store.call('MultiMaxSize'), { code: 'UNSUPPORTED' });
      await assert.rejects(store.call('Query'), { code: 'UNSUPPORTED' });
      assert.ok(await store.get('kept'));
    });
  });
}

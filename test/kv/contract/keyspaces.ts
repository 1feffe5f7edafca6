import assert from 'node:assert/strict';
import { createKeyspaces } from '../../../src/kv/keyspaces.ts';
import { Client, hasVersion, put } from '../client.ts';
import type { Bench } from './bench.ts';

export function describeKeyspaces(on: Bench): void {
  describe('keyspaces', () => {
    it('are apart for components whatever their names', async () => {
      const names = [
        '',
        'x',
        'X',
        'x/y',
        '../x',
        'x%2Fy',
        '.',
        'ü'.repeat(200),
        '{x}',
        "'",
        '\u0000',
      ];
      const clients = await Promise.all(names.map((name) => on.open(name)));
      await Promise.all(clients.map((client, index) => client.commit([put('k', String(index))])));
      for (const [index, client] of clients.entries()) {
        assert.equal(await client.text('k'), String(index));
        assert.deepEqual(await client.keys(), ['k']);
      }
      await Promise.all(clients.map(({ keyspace }) => keyspace.close()));
    });

    it('are one for all that share a name', async () => {
      const first = await on.open('first', { share: 'both' });
      const second = await on.open('second', { share: 'both' });
      const third = await on.open('both');
      await first.commit([put('shared', '1')]);
      assert.equal(await second.text('shared'), '1');
      assert.equal(await third.text('shared'), undefined);
      await first.keyspace.close();
      assert.equal(await second.text('shared'), '1');
    });

    it('survive the component, which finds its keys when it is opened again', async () => {
      const first = await on.open('again');
      await first.commit([put('k', '1')]);
      const second = await on.open('again');
      await first.keyspace.close();
      await first.keyspace.close();
      assert.equal(await second.text('k'), '1');
      await second.keyspace.close();
      assert.equal(await (await on.open('again')).text('k'), '1');
    });

    it(`${on.subject.outlivesHost ? 'are' : 'are not'} the same for two hosts`, async () => {
      const others = createKeyspaces({ dataFolder: on.subject.dataFolder() });
      try {
        const here = await on.open('two hosts');
        const there = new Client(
          await others.open(on.subject.settings(), {
            plugin: 'contract',
            component: 'two hosts',
          }),
        );
        const version = await here.commit([put('k', '1')]);
        if (!on.subject.outlivesHost) {
          assert.equal(await there.text('k'), undefined);
          return;
        }
        assert.equal(await there.text('k'), '1');
        const next = await there.commit([put('k', '2')], [hasVersion('k', version)]);
        assert.ok(next > version);
        assert.equal(await here.failedCheck([put('k', '3')], [hasVersion('k', version)]), 0);
        assert.equal(await here.text('k'), '2');
      } finally {
        await others.close();
      }
    });
  });
}

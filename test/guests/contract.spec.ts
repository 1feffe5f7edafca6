import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { GuestError, type StateStore } from '../../src/index.ts';
import { OpenGuest } from './open-guest.ts';

/** What the guests promise besides reading and writing. */
interface Promises {
  readonly features: readonly string[];
  /** How a wrong etag is answered; undefined: nobody looks at etags. */
  readonly mismatch: 'ETAG_MISMATCH' | 'text' | undefined;
}

const guests: Readonly<Record<string, Promises>> = {
  'go-dapr': { features: ['ETAG', 'TRANSACTIONAL'], mismatch: 'ETAG_MISMATCH' },
  'go-kv': { features: ['ETAG', 'TRANSACTIONAL', 'TTL'], mismatch: 'ETAG_MISMATCH' },
  'c-dapr': { features: ['ETAG'], mismatch: 'ETAG_MISMATCH' },
  'rust-dapr': { features: ['ETAG', 'TRANSACTIONAL'], mismatch: 'text' },
  'store-v01': { features: [], mismatch: undefined },
};

for (const [name, { features, mismatch }] of Object.entries(guests)) {
  describe(`the guest ${name}`, () => {
    const guest = OpenGuest.forTests(name);
    let store: StateStore;

    beforeEach(async () => {
      store = await guest.plugin.open(`component-${randomUUID()}`, { some: 'property' });
    });
    afterEach(() => store.close());

    const text = async (key: string): Promise<string | undefined> => {
      const found = await store.get(key);
      return found && Buffer.from(found.data).toString();
    };

    it('announces the features that it has', () => {
      assert.deepEqual([...store.features].toSorted(), features);
    });

    it('gives back the bytes and the content type that were set', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await store.set('some key', bytes, { contentType: 'application/x-bytes' });
      const found = await store.get('some key');
      assert.deepEqual(Buffer.from(found?.data ?? []), Buffer.from(bytes));
      assert.equal(found?.contentType, 'application/x-bytes');
    });

    it('keeps the last of several values of a key', async () => {
      for (let i = 0; i < 100; i++) await store.set('again', `value ${i}`);
      assert.equal(await text('again'), 'value 99');
    });

    it('takes any UTF-8 text as a key', async () => {
      const keys = ['', ' ', 'a||b', 'ключ', '鍵', '🗝️', 'k'.repeat(1000)].filter(Boolean);
      for (const key of keys) await store.set(key, `at ${key}`);
      for (const key of keys) assert.equal(await text(key), `at ${key}`);
    });

    it('takes a value of three million bytes', async () => {
      const value = Buffer.alloc(3_000_000, 'large ');
      await store.set('large', value);
      assert.ok(value.equals((await store.get('large'))?.data ?? Buffer.alloc(0)));
    });

    it('has nothing under a key that was never set or is deleted', async () => {
      assert.equal(await store.get('never'), undefined);
      await store.set('gone', 'value');
      await store.delete('gone');
      assert.equal(await store.get('gone'), undefined);
      await store.delete('gone');
    });

    it('answers a bulk get in the order of the keys', async () => {
      await store.bulkSet([
        { key: 'one', value: '1' },
        { key: 'two', value: '2' },
      ]);
      const found = await store.bulkGet(['two', 'missing', 'one']);
      assert.deepEqual(
        found.map((item) => item && Buffer.from(item.data).toString()),
        ['2', undefined, '1'],
      );
    });

    it('deletes in bulk', async () => {
      await store.bulkSet([
        { key: 'one', value: '1' },
        { key: 'two', value: '2' },
      ]);
      await store.bulkDelete([{ key: 'one' }, { key: 'two' }]);
      assert.deepEqual(await store.bulkGet(['one', 'two']), [undefined, undefined]);
    });

    it('answers Ping, whether it exports it or not', async () => {
      assert.equal((await store.call('Ping')).length, 0);
    });

    it("does not see another component's keys", async () => {
      await using other = await guest.plugin.open(`other-${randomUUID()}`);
      await store.set('own', 'mine');
      assert.equal(await other.get('own'), undefined);
    });

    if (mismatch === undefined) {
      it('hands out one constant etag and looks at none', async () => {
        await store.set('key', 'first');
        await store.set('key', 'second', { etag: 'wrong', concurrency: 'first-write' });
        assert.equal((await store.get('key'))?.etag, 'test');
        assert.equal(await text('key'), 'second');
      });
    } else {
      const isMismatch = (error: unknown): boolean =>
        error instanceof GuestError &&
        (mismatch === 'text'
          ? error.fault.reason === '' &&
            error.fault.code === 'UNKNOWN' &&
            error.message.includes('differs')
          : error.fault.reason === mismatch);

      it('writes and deletes under the etag that the key has', async () => {
        await store.set('key', 'first');
        const first = await store.get('key');
        await store.set('key', 'second', { etag: first?.etag ?? '' });
        const second = await store.get('key');
        assert.notEqual(second?.etag, first?.etag);
        await store.delete('key', { etag: second?.etag ?? '' });
        assert.equal(await store.get('key'), undefined);
      });

      it('refuses to write or delete under an etag that the key had before', async () => {
        await store.set('key', 'first');
        const etag = (await store.get('key'))?.etag ?? '';
        await store.set('key', 'second');
        await assert.rejects(store.set('key', 'third', { etag }), isMismatch);
        await assert.rejects(store.delete('key', { etag }), isMismatch);
        assert.equal(await text('key'), 'second');
      });

      it('never gives an etag twice, not even to a key that was deleted', async () => {
        await store.set('key', 'same');
        const etag = (await store.get('key'))?.etag ?? '';
        await store.delete('key');
        await store.set('key', 'same');
        await assert.rejects(store.set('key', 'other', { etag }), isMismatch);
      });

      it('writes first-write without an etag only where there is nothing', async () => {
        await store.set('new', 'first', { concurrency: 'first-write' });
        await assert.rejects(
          store.set('new', 'second', { concurrency: 'first-write' }),
          isMismatch,
        );
        assert.equal(await text('new'), 'first');
      });

      if (features.includes('TRANSACTIONAL')) {
        it('applies a transaction wholly, or not at all where one etag is wrong', async () => {
          await store.set('kept', 'before');
          await store.transact([
            { operation: 'set', key: 'kept', value: 'after' },
            { operation: 'set', key: 'added', value: 'new' },
          ]);
          const refused = store.transact([
            { operation: 'delete', key: 'kept' },
            { operation: 'set', key: 'added', value: 'changed', etag: '999999999' },
          ]);
          await assert.rejects(refused, isMismatch);
          assert.equal(await text('kept'), 'after');
          assert.equal(await text('added'), 'new');
        });
      }
    }

    if (!features.includes('TRANSACTIONAL')) {
      it('refuses transactions', async () => {
        const refused = store.transact([{ operation: 'delete', key: 'any' }]);
        await assert.rejects(refused, { code: 'UNSUPPORTED' });
      });
    }

    it('refuses queries', async () => {
      await assert.rejects(store.query({}), { code: 'UNSUPPORTED' });
    });
  });
}

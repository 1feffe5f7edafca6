import assert from 'node:assert/strict';
import { MultiMaxSizeResponse } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { GuestError, type GuestFault } from '../../src/index.ts';
import { OpenGuest } from './open-guest.ts';

const NOT_A_MESSAGE = Uint8Array.of(0xff, 0xff);

const said = (fault: GuestFault, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GuestError, String(error));
  assert.deepEqual(error.fault, fault);
  assert.match(error.message, message);
  return true;
};
const plain: GuestFault = { reason: '', code: 'UNKNOWN' };

describe("a guest's errors", () => {
  for (const name of ['go-dapr', 'go-kv']) {
    describe(`of ${name}`, () => {
      const guest = OpenGuest.forTests(name);
      const faults: Readonly<Record<string, [GuestFault, RegExp]>> = {
        'error:the text': [plain, /^the text$/],
        'etag-mismatch': [{ reason: 'ETAG_MISMATCH' }, /etag of .* differs/],
        'etag-invalid': [{ reason: 'ETAG_INVALID' }, /not an etag/],
        'row-mismatch': [{ reason: 'ROW_MISMATCH', expected: 3, affected: 2 }, /rows/],
        'kit-error': [
          { reason: 'KIT_ERROR', code: 'RESOURCE_EXHAUSTED', httpCode: 418, tag: 'ERR_TEA' },
          /out of tea/,
        ],
        'not-found': [{ reason: '', code: 'NOT_FOUND' }, /nothing of that name/],
      };
      for (const [key, [fault, message]] of Object.entries(faults)) {
        it(`arrive as it means them: ${key}`, async () => {
          await using store = await guest.plugin.open('errors');
          await assert.rejects(store.get(`app||${key}`), said(fault, message));
        });
      }

      it('tell an etag that it never gave from one that no longer holds', async () => {
        await using store = await guest.plugin.open('errors');
        const refused = store.set('key', 'value', { etag: 'no number' });
        await assert.rejects(refused, said({ reason: 'ETAG_INVALID' }, /no number/));
      });
    });
  }

  for (const name of ['c-dapr', 'rust-dapr']) {
    describe(`of ${name}`, () => {
      const guest = OpenGuest.forTests(name);

      it('are plain text for a request that is no message, and the next call works', async () => {
        await using store = await guest.plugin.open('errors');
        await store.set('key', 'value');
        const refused = store.call('Get', NOT_A_MESSAGE);
        await assert.rejects(refused, said(plain, /not the message/));
        assert.ok(await store.get('key'));
      });
    });
  }

  describe('of rust-dapr', () => {
    const guest = OpenGuest.forTests('rust-dapr');

    it('say how many operations a transaction may have, as MultiMaxSize does', async () => {
      await using store = await guest.plugin.open('errors');
      const { maxSize } = MultiMaxSizeResponse.decode(await store.call('MultiMaxSize'));
      assert.equal(maxSize, 3n);
      const operations = ['a', 'b', 'c', 'd'].map(
        (key) => ({ operation: 'set', key, value: key }) as const,
      );
      await assert.rejects(store.transact(operations), said(plain, /4 operations, 3 at most/));
      await store.transact(operations.slice(0, 3));
    });
  });

  describe('of store-v01', () => {
    const guest = OpenGuest.forTests('store-v01');

    it('do not exist: a failure reads as a missing key', async () => {
      await using store = await guest.plugin.open('errors');
      assert.equal(await store.get('never set'), undefined);
    });
  });
});

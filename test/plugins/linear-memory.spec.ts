import assert from 'node:assert/strict';
import {
  BulkSetRequest,
  GetRequest,
  GetResponse,
  QueryRequest,
  SetRequest,
  TransactionalStateRequest,
} from '../../src/gen/dapr/proto/components/v1/state.ts';
import { BareGuest } from './bare-guest.ts';

function setRequest(key: string, size: number, ttl = ''): Uint8Array {
  return SetRequest.encode({
    key,
    value: Buffer.alloc(size, 0x41),
    etag: undefined,
    metadata: ttl === '' ? {} : { ttlInSeconds: ttl },
    options: undefined,
    contentType: '',
  }).finish();
}

function getRequest(key: string): Uint8Array {
  return GetRequest.encode({ key, metadata: {}, consistency: 0 }).finish();
}

/** Keys `from` to `to` (exclusive) that expire, in one call. */
function bulkSetRequest(from: number, to: number): Uint8Array {
  const items = Array.from({ length: to - from }, (_, i) =>
    SetRequest.decode(setRequest(`key-${from + i}`, 1, '1000')),
  );
  return BulkSetRequest.encode({ items, options: undefined }).finish();
}

/** Numbers that look random and are the same in every run. */
function numbers(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % below;
  };
}

describe('the linear memory of state.memory', () => {
  it('stays as large as it is through a million calls of every kind', function () {
    this.timeout(120_000);
    const guest = new BareGuest('memory');
    const sets = Array.from({ length: 200 }, (_, i) => setRequest(`key-${i}`, (i * 37) % 900));
    const gets = Array.from({ length: 200 }, (_, i) => getRequest(`key-${i}`));
    const transaction = TransactionalStateRequest.encode({
      operations: [
        { request: { $case: 'set', value: SetRequest.decode(setRequest('key-1', 700)) } },
        {
          request: {
            $case: 'delete',
            value: { key: 'key-2', etag: undefined, metadata: {}, options: undefined },
          },
        },
      ],
      metadata: {},
    }).finish();
    const query = QueryRequest.encode({
      query: {
        filter: { EQ: { typeUrl: '', value: Buffer.from('{"a.b":"\\u0041"}') } },
        sort: [{ key: 'c', order: 1 }],
        pagination: { limit: 3n, token: '' },
      },
      metadata: {},
    }).finish();
    const round = (calls: number): void => {
      for (let i = 0; i < calls; i++) {
        guest.call('state_store_set', sets[(i * 7) % 200] ?? Buffer.alloc(0));
        guest.call('state_store_get', gets[(i * 11) % 200] ?? Buffer.alloc(0));
        guest.call('state_store_delete', gets[(i * 13) % 200] ?? Buffer.alloc(0));
        guest.call('state_store_get', Buffer.of(0x0a, 0xff));
        if (i % 20 === 0) guest.call('transactional_state_store_transact', transaction);
        if (i % 1000 === 0) guest.call('queriable_state_store_query', query);
      }
    };
    round(10_000);
    const size = guest.memorySize;
    round(250_000);
    assert.equal(guest.memorySize, size);
  });

  it('is used again after a huge value and a huge answer', () => {
    const guest = new BareGuest('memory');
    const huge = setRequest('huge', 5_000_000);
    let size = 0;
    for (let i = 0; i < 20; i++) {
      guest.call('state_store_set', huge);
      assert.ok(guest.call('state_store_get', getRequest('huge')).response.length > 5_000_000);
      // From the second time on there is an old value while the new one is copied.
      if (i === 1) size = guest.memorySize;
    }
    assert.equal(guest.memorySize, size);
    assert.ok(size < 30_000_000, `${size} bytes`);
  });

  it('is freed of expired entries by later writes, without a timer', () => {
    const guest = new BareGuest('memory');
    const lifetime = 10_000;
    let size = 0;
    for (let key = 0; key < 10 * lifetime; key++) {
      // Each key lives for a thousand seconds, in which ten thousand are written.
      guest.now += 100;
      guest.call('state_store_set', setRequest(`key-${key}`, 100, '1000'));
      if (key === 3 * lifetime) size = guest.memorySize;
    }
    assert.equal(guest.memorySize, size);
    guest.now += 10_000_000;
    assert.equal(guest.call('state_store_get', getRequest('key-99999')).response.length, 0);
  });

  it('has room for all that expire in one call, though it writes over some of them', () => {
    const guest = new BareGuest('memory');
    guest.call('state_store_bulk_set', bulkSetRequest(0, 5));
    // Holes for the room that is kept for them, with a value behind each that nobody may touch.
    for (let i = 0; i < 1000; i++) guest.call('state_store_set', setRequest(`large-${i}`, 9000));
    for (let i = 0; i < 1000; i += 2) guest.call('state_store_delete', getRequest(`large-${i}`));
    const { error } = guest.call('state_store_bulk_set', bulkSetRequest(0, 5000));
    assert.equal(error, '');
    for (let i = 1; i < 1000; i += 2) {
      const { response } = guest.call('state_store_get', getRequest(`large-${i}`));
      assert.ok(GetResponse.decode(response).data.equals(Buffer.alloc(9000, 0x41)), `large-${i}`);
    }
  });

  for (const way of ['were deleted', 'expired']) {
    it(`is free again once a hundred thousand entries ${way}`, () => {
      const guest = new BareGuest('memory');
      const count = 100_000;
      for (let i = 0; i < count; i++) {
        guest.call('state_store_set', setRequest(`key-${i}`, 1, '1000'));
      }
      const size = guest.memorySize;
      if (way === 'expired') guest.now += 1_000_000;
      for (let i = 0; i < count; i++) guest.call('state_store_delete', getRequest(`key-${i}`));
      let free = 0;
      for (; guest.memorySize === size; free += 4096) guest.malloc(4096);
      assert.ok(free > 0.97 * size, `${free} of ${size} bytes`);
    });
  }

  it('keeps nothing of an entry that was written over or deleted before it expired', () => {
    const guest = new BareGuest('memory');
    for (let i = 0; i < 500; i++) {
      guest.call('state_store_set', setRequest(`key-${i}`, 100, `${1 + (i % 50)}`));
      if (i % 3 === 0) guest.call('state_store_delete', getRequest(`key-${i}`));
      guest.call('state_store_set', setRequest(`key-${i}`, 100));
    }
    guest.now += 100_000;
    for (let i = 0; i < 500; i++) guest.call('state_store_set', setRequest('other', 100, '1'));
    for (let i = 0; i < 500; i++) {
      assert.ok(guest.call('state_store_get', getRequest(`key-${i}`)).response.length > 100);
    }
  });

  it('is handed out without overlap and put together again when it is freed', function () {
    this.timeout(60_000);
    const guest = new BareGuest('memory');
    const random = numbers();
    const held: { at: number; size: number; fill: number }[] = [];
    let sum = 0;
    const giveBack = (index: number): void => {
      const block = held[index];
      const last = held.pop();
      assert.ok(block !== undefined && last !== undefined);
      if (last !== block) held[index] = last;
      const bytes = guest.bytes(block.at, block.size);
      assert.ok(bytes.every((byte) => byte === block.fill));
      guest.free(block.at);
      sum -= block.size;
    };
    for (let i = 0; i < 60_000; i++) {
      if (held.length > 0 && random(100) < (sum > 3_000_000 ? 60 : 45)) {
        giveBack(random(held.length));
        continue;
      }
      const size = random([40, 40, 40, 3000, 3000, 100_000][random(6)] ?? 0);
      const at = guest.malloc(size);
      assert.ok(at !== 0 && at % 16 === 0);
      const fill = random(256);
      guest.bytes(at, size).fill(fill);
      held.push({ at, size, fill });
      sum += size;
    }
    while (held.length > 0) giveBack(random(held.length));
    const size = guest.memorySize;
    // All but the store's own few blocks is one block again.
    const large = guest.malloc(Math.floor(size * 0.8));
    assert.notEqual(large, 0);
    assert.equal(guest.memorySize, size);
  });

  it('refuses what is beyond 32 bits and goes on', () => {
    const guest = new BareGuest('memory');
    for (const size of [-1, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0]) {
      assert.equal(guest.malloc(size), 0);
    }
    guest.call('state_store_set', setRequest('key', 10));
    assert.ok(guest.call('state_store_get', getRequest('key')).response.length > 10);
  });
});

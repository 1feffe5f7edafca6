import assert from 'node:assert/strict';
import type { Commit, KvLimits, ScanRange } from '../../src/kv/contract.ts';
import { KvError, type KvFault } from '../../src/kv/kv-error.ts';
import { MemoryKeyspace } from '../../src/kv/memory/keyspace.ts';
import * as dapr from '../../src/gen/dapr/proto/components/v1/state.ts';
import { BareGuest } from './bare-guest.ts';

/** The memory engine, with small limits, a note of what is asked of it, and faults to set. */
class WatchedKeyspace extends MemoryKeyspace {
  override readonly limits: KvLimits = {
    keySize: 50,
    valueSize: 1000,
    commitOperations: 4,
    commitSize: 3000,
  };
  readonly asked: string[] = [];
  fault: KvFault | undefined;

  override get(keys: readonly Uint8Array[]) {
    this.#note(`get ${keys.length}`);
    return super.get(keys);
  }

  override commit(request: Commit) {
    this.#note(`commit ${request.checks.length} checks ${request.writes.length} writes`);
    return super.commit(request);
  }

  override scan(range: ScanRange) {
    this.#note(`scan ${range.limit}`);
    return super.scan(range);
  }

  #note(what: string): void {
    this.asked.push(what);
    if (this.fault !== undefined) throw new KvError(this.fault, 'the engine says why');
  }
}

function set(key: string, size = 1, more: Partial<dapr.SetRequest> = {}): dapr.SetRequest {
  return {
    key,
    value: Buffer.alloc(size, 0x41),
    etag: undefined,
    metadata: {},
    options: undefined,
    contentType: '',
    ...more,
  };
}

const remove = (key: string): dapr.DeleteRequest => ({
  key,
  etag: undefined,
  metadata: {},
  options: undefined,
});

/** Calls of state.durable on a keyspace that is watched. */
class Durable {
  readonly keyspace = new WatchedKeyspace();
  readonly #guest = new BareGuest('durable', this.keyspace);

  /** Makes the call and tells what it asked of the keyspace. */
  asks(name: string, request: Uint8Array): readonly string[] {
    this.keyspace.asked.length = 0;
    const { error } = this.#guest.call(name, request);
    assert.equal(error, '');
    return [...this.keyspace.asked];
  }

  error(name: string, request: Uint8Array): { code: string; reason?: string; message: string } {
    return JSON.parse(this.#guest.call(name, request).error) as ReturnType<Durable['error']>;
  }

  response(name: string, request: Uint8Array): Buffer {
    return this.#guest.call(name, request).response;
  }

  value(key: string): string {
    const request = dapr.GetRequest.encode({ key, metadata: {}, consistency: 0 }).finish();
    return dapr.GetResponse.decode(this.response('state_store_get', request)).data.toString();
  }
}

const bulkSet = (items: dapr.SetRequest[]): Uint8Array =>
  dapr.BulkSetRequest.encode({ items, options: undefined }).finish();
const transaction = (...requests: (dapr.SetRequest | dapr.DeleteRequest)[]): Uint8Array =>
  dapr.TransactionalStateRequest.encode({
    operations: requests.map((value) => ({
      request: 'value' in value ? { $case: 'set', value } : { $case: 'delete', value },
    })),
    metadata: {},
  }).finish();

describe('state.durable asks its keyspace', () => {
  it('once for one key', () => {
    const durable = new Durable();
    const write = dapr.SetRequest.encode(set('key')).finish();
    assert.deepEqual(durable.asks('state_store_set', write), ['commit 0 checks 1 writes']);
    const checked = set('key', 1, { etag: { value: '1' } });
    durable.keyspace.asked.length = 0;
    const { reason } = durable.error('state_store_set', dapr.SetRequest.encode(checked).finish());
    assert.equal(reason, 'ETAG_MISMATCH');
    assert.deepEqual(durable.keyspace.asked, ['commit 1 checks 1 writes']);
    const read = dapr.GetRequest.encode({ key: 'key', metadata: {}, consistency: 0 }).finish();
    assert.deepEqual(durable.asks('state_store_get', read), ['get 1']);
    const deletion = dapr.DeleteRequest.encode(remove('key')).finish();
    assert.deepEqual(durable.asks('state_store_delete', deletion), ['commit 0 checks 1 writes']);
  });

  it('once for a bulk call and once for a transaction', () => {
    const durable = new Durable();
    const written = durable.asks('state_store_bulk_set', bulkSet([set('a'), set('b'), set('c')]));
    assert.deepEqual(written, ['commit 0 checks 3 writes']);
    const read = dapr.BulkGetRequest.encode({
      items: ['a', 'x', 'b'].map((key) => ({ key, metadata: {}, consistency: 0 as const })),
      options: undefined,
    }).finish();
    assert.deepEqual(durable.asks('state_store_bulk_get', read), ['get 3']);
    const created = set('new', 1, { options: { concurrency: 1, consistency: 0 } });
    const request = transaction(created, remove('a'), set('b'));
    const done = durable.asks('transactional_state_store_transact', request);
    assert.deepEqual(done, ['commit 1 checks 3 writes']);
  });

  it('not at all for what cannot be', () => {
    const durable = new Durable();
    const bad = set('key', 1, { metadata: { ttlInSeconds: 'x' } });
    assert.equal(
      durable.error('state_store_set', dapr.SetRequest.encode(bad).finish()).code,
      'INVALID_ARGUMENT',
    );
    assert.deepEqual(durable.keyspace.asked, []);
    assert.deepEqual(durable.asks('state_store_bulk_get', new Uint8Array()), []);
  });

  it('for no more entries than a page of a query needs', () => {
    const durable = new Durable();
    durable.asks('state_store_bulk_set', bulkSet(['a', 'b', 'c', 'd'].map((key) => set(key))));
    const query = dapr.QueryRequest.encode({
      query: { filter: {}, sort: [], pagination: { limit: 2n, token: '' } },
      metadata: {},
    }).finish();
    assert.deepEqual(durable.asks('queriable_state_store_query', query), ['scan 3']);
  });

  it('in as many commits as its limits need, for a bulk call alone', () => {
    const durable = new Durable();
    const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
    assert.deepEqual(
      durable.asks('state_store_bulk_set', bulkSet(keys.map((key) => set(key)))),
      [4, 4, 2].map((count) => `commit 0 checks ${count} writes`),
    );
    assert.deepEqual(
      durable.asks('state_store_bulk_set', bulkSet(keys.map((key) => set(key, 900)))),
      [3, 3, 3, 1].map((count) => `commit 0 checks ${count} writes`),
    );
    const items = keys.map(remove);
    const deletion = dapr.BulkDeleteRequest.encode({ items, options: undefined }).finish();
    assert.equal(durable.asks('state_store_bulk_delete', deletion).length, 3);
    const request = transaction(...keys.map((key) => set(key)));
    const { code, message } = durable.error('transactional_state_store_transact', request);
    assert.equal(code, 'RESOURCE_EXHAUSTED');
    assert.match(message, /checks and writes in one commit/);
    assert.equal(durable.value('key-0'), '');
  });

  it('and says how far a bulk call came whose later commit failed', () => {
    const durable = new Durable();
    const items = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => set(key));
    items.push(set('g', 1, { etag: { value: '1' } }));
    const { reason, message } = durable.error('state_store_bulk_set', bulkSet(items));
    assert.equal(reason, 'ETAG_MISMATCH');
    assert.match(message, /"g".*; the first 4 items were written/);
    assert.deepEqual([durable.value('d'), durable.value('e')], ['A', '']);
  });

  it('how large a transaction may be', () => {
    const durable = new Durable();
    const name = 'transactional_store_multi_max_size_multi_max_size';
    const { maxSize } = dapr.MultiMaxSizeResponse.decode(durable.response(name, new Uint8Array()));
    assert.equal(maxSize, 4n);
  });

  it('and names the operation whose check failed', () => {
    const durable = new Durable();
    durable.asks('state_store_bulk_set', bulkSet([set('a'), set('b')]));
    const wrong = set('b', 1, { etag: { value: '7' } });
    const created = set('c', 1, { options: { concurrency: 1, consistency: 0 } });
    const request = transaction(set('a', 2), created, wrong);
    const { message } = durable.error('transactional_state_store_transact', request);
    assert.equal(message, 'key "b" does not have etag 7');
    assert.deepEqual([durable.value('a'), durable.value('c')], ['A', '']);
  });

  it('and passes its errors on', () => {
    const durable = new Durable();
    const requests = {
      state_store_set: dapr.SetRequest.encode(set('key')).finish(),
      state_store_get: dapr.GetRequest.encode({
        key: 'key',
        metadata: {},
        consistency: 0,
      }).finish(),
      queriable_state_store_query: new Uint8Array(),
    };
    const faults: Record<KvFault, string> = {
      INVALID_ARGUMENT: 'INVALID_ARGUMENT',
      TOO_LARGE: 'RESOURCE_EXHAUSTED',
      UNAVAILABLE: 'UNAVAILABLE',
      DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
      UNKNOWN_OUTCOME: 'UNAVAILABLE',
      INTERNAL: 'INTERNAL',
    };
    for (const [fault, status] of Object.entries(faults)) {
      durable.keyspace.fault = fault as KvFault;
      for (const [name, request] of Object.entries(requests)) {
        const error = { code: status, message: 'the engine says why' };
        assert.deepEqual(durable.error(name, request), error, `${fault} in ${name}`);
      }
    }
  });

  it('and calls a value that it did not write lost', () => {
    const durable = new Durable();
    const key = Buffer.from('key');
    for (const value of [Buffer.alloc(0), Buffer.of(2, 0), Buffer.of(1, 9, 0x61)]) {
      durable.keyspace.commit({ checks: [], writes: [{ key, put: value, ttl: 0 }] });
      const read = dapr.GetRequest.encode({ key: 'key', metadata: {}, consistency: 0 }).finish();
      const { code, message } = durable.error('state_store_get', read);
      assert.deepEqual(
        [code, message],
        ['DATA_LOSS', 'what is stored for key "key" was not written by this store'],
      );
      assert.equal(
        durable.error('queriable_state_store_query', new Uint8Array()).code,
        'DATA_LOSS',
      );
    }
  });
});

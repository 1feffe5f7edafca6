import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  CommitRequest,
  CommitResponse,
  GetRequest,
  GetResponse,
  ScanResponse,
} from '../../src/gen/wasmstate/kv/v1/kv.ts';
import type { Entry, Keyspace } from '../../src/kv/contract.ts';
import { dispatchKv } from '../../src/kv/dispatch.ts';
import { KvError } from '../../src/kv/kv-error.ts';
import { MemoryKeyspace } from '../../src/kv/memory/keyspace.ts';
import { Client, faultOf, isAbsent, NO_DEADLINE, put } from './client.ts';

describe('serving kv requests', () => {
  let kv: Client;
  beforeEach(() => {
    kv = new Client(new MemoryKeyspace());
  });
  afterEach(() => kv.keyspace.close());

  const get = (request: Uint8Array): GetResponse => {
    const reply = dispatchKv(kv.keyspace, 'get', request, NO_DEADLINE);
    return GetResponse.decode(reply instanceof Promise ? assert.fail('suspended') : reply);
  };
  const commit = (request: Uint8Array): CommitResponse => {
    const reply = dispatchKv(kv.keyspace, 'commit', request, NO_DEADLINE);
    return CommitResponse.decode(reply instanceof Promise ? assert.fail('suspended') : reply);
  };
  /** Everything but how the engine answers, which these leave to a test. */
  const engine = (parts: Partial<Keyspace>): Keyspace => ({
    limits: kv.keyspace.limits,
    get: () => assert.fail('get was called'),
    commit: () => assert.fail('commit was called'),
    scan: () => assert.fail('scan was called'),
    close: () => Promise.resolve(),
    ...parts,
  });

  it('answers at once where the engine does, so that no guest is suspended', () => {
    assert.deepEqual(get(GetRequest.encode({ keys: [] }).finish()), {
      entries: [],
      error: undefined,
    });
    const request = CommitRequest.encode({ checks: [], writes: [put('a', '1')] }).finish();
    assert.equal(commit(request).error, undefined);
    assert.equal(get(GetRequest.encode({ keys: [Buffer.from('a')] }).finish()).entries.length, 1);
  });

  it('answers any bytes at all with a reply', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('get', 'commit', 'scan', 'limits'),
        fc.uint8Array({ maxLength: 200 }),
        (method, request) => {
          const reply = dispatchKv(kv.keyspace, method, request, NO_DEADLINE);
          assert.ok(reply instanceof Uint8Array);
        },
      ),
      { seed: 7, numRuns: 2000 },
    );
  });

  it('refuses what is no message, and checks and writes that say nothing', () => {
    assert.equal(faultOf(get(Uint8Array.of(0x0a, 0xff))), 'INVALID_ARGUMENT');
    assert.equal(faultOf(commit(Uint8Array.of(0x07))), 'INVALID_ARGUMENT');
    const key = Buffer.from('k');
    const cases: [CommitRequest, RegExp][] = [
      [{ checks: [{ key, condition: undefined }], writes: [] }, /checks\[0\]: has no condition/],
      [
        {
          checks: [isAbsent('a'), { key, condition: { $case: 'present', value: false } }],
          writes: [],
        },
        /checks\[1\]\.present: must be true/,
      ],
      [
        { checks: [], writes: [put('a', '1'), { key, operation: undefined }] },
        /writes\[1\]: has no operation/,
      ],
      [{ checks: [], writes: [put('a', '1', 9e12)] }, /writes\[0\]\.put\.ttl: more than/],
    ];
    for (const [request, message] of cases) {
      const response = commit(CommitRequest.encode(request).finish());
      assert.equal(faultOf(response), 'INVALID_ARGUMENT');
      assert.match(response.error?.message ?? '', message);
    }
  });

  it('does not read the request after it has returned', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const asked: string[] = [];
    const later = engine({
      get: async (keys) => {
        await released;
        asked.push(...keys.map((key) => Buffer.from(key).toString()));
        return keys.map(() => undefined);
      },
    });
    const request = GetRequest.encode({ keys: [Buffer.from('key')] }).finish();
    const reply = dispatchKv(later, 'get', request, NO_DEADLINE);
    request.fill(0);
    release();
    await reply;
    assert.deepEqual(asked, ['key']);
  });

  it('asks the engine for a repeated key once', async () => {
    const asked: number[] = [];
    const counting = engine({
      get: (keys) => {
        asked.push(keys.length);
        return keys.map((key): Entry => ({ value: key, version: 1n, expiresAt: 0 }));
      },
    });
    const keys = ['a', 'b', 'a', 'a'].map((key) => Buffer.from(key));
    const reply = await dispatchKv(
      counting,
      'get',
      GetRequest.encode({ keys }).finish(),
      NO_DEADLINE,
    );
    const { entries } = GetResponse.decode(reply);
    assert.deepEqual(asked, [2]);
    assert.deepEqual(
      entries.map(({ value }) => value.toString()),
      ['a', 'b', 'a', 'a'],
    );
  });

  it('keeps what a guest can make the host gather in bounds', async () => {
    const tooMany = GetRequest.encode({
      keys: Array.from({ length: 10_001 }, () => Buffer.alloc(0)),
    });
    assert.equal(faultOf(get(tooMany.finish())), 'TOO_LARGE');
    // Fields of two bytes each, which would be millions of objects if they were decoded.
    const empties = Buffer.alloc(8 * 1024 * 1024).fill(Uint8Array.of(0x0a, 0x00));
    assert.equal(faultOf(get(empties)), 'TOO_LARGE');
    assert.equal(faultOf(commit(empties)), 'TOO_LARGE');
    await kv.commit([put('large', Buffer.alloc(20 * 1024 * 1024))]);
    const keys = Array.from({ length: 4 }, () => Buffer.from('large'));
    assert.equal(faultOf(get(GetRequest.encode({ keys }).finish())), 'TOO_LARGE');
    const three = get(GetRequest.encode({ keys: keys.slice(1) }).finish());
    assert.equal(three.entries.length, 3);
  });

  it('passes the words of an engine on, and none of a fault in the host', async () => {
    const failing = (error: Error, later: boolean): Keyspace => {
      const fail = (): never | Promise<never> => {
        if (later) return Promise.reject(error);
        throw error;
      };
      return engine({ get: fail, commit: fail, scan: fail });
    };
    for (const later of [false, true]) {
      const known = failing(new KvError('UNAVAILABLE', 'the engine is away'), later);
      const unknown = failing(new TypeError('password hunter2 is not iterable'), later);
      for (const method of ['get', 'commit', 'scan'] as const) {
        const request = method === 'get' ? Uint8Array.of(0x0a, 0) : new Uint8Array();
        const type = { get: GetResponse, commit: CommitResponse, scan: ScanResponse }[method];
        const told = type.decode(await dispatchKv(known, method, request, NO_DEADLINE));
        assert.equal(faultOf(told), 'UNAVAILABLE');
        assert.equal(told.error?.message, 'the engine is away');
        const hidden = type.decode(await dispatchKv(unknown, method, request, NO_DEADLINE));
        assert.equal(faultOf(hidden), 'INTERNAL');
        assert.doesNotMatch(hidden.error?.message ?? '', /hunter2/);
      }
    }
  });
});

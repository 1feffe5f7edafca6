import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  CommitRequest,
  CommitResponse,
  GetRequest,
  GetResponse,
} from '../../src/gen/wasmstate/kv/v1/kv.ts';
import { LONGEST_TTL } from '../../src/kv/contract.ts';
import { plainCommit, plainKeys } from '../../src/kv/read-plain.ts';
import { writeCommit, writeGet } from '../../src/kv/write-reply.ts';

const MANY = 10_000;
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const uint53 = fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) });

const check = fc.record({
  key: bytes,
  condition: fc.oneof(
    fc.record({ $case: fc.constant('version' as const), value: uint53 }),
    fc.record({
      $case: fc.constantFrom('absent' as const, 'present' as const),
      value: fc.constant(true),
    }),
  ),
});
const write = fc.record({
  key: bytes,
  operation: fc.oneof(
    fc.record({
      $case: fc.constant('put' as const),
      value: fc.record({ value: bytes, ttl: fc.bigInt({ min: 0n, max: BigInt(LONGEST_TTL) }) }),
    }),
    fc.record({ $case: fc.constant('delete' as const), value: fc.constant({}) }),
  ),
});

describe('kv messages that are read and written by hand', () => {
  it('are read as the generated code reads them', () => {
    fc.assert(
      fc.property(fc.array(bytes), (keys) => {
        assert.deepEqual(plainKeys(GetRequest.encode({ keys }).finish(), MANY), keys);
      }),
      { seed: 11 },
    );
    fc.assert(
      fc.property(fc.array(check), fc.array(write), (checks, writes) => {
        assert.deepEqual(plainCommit(CommitRequest.encode({ checks, writes }).finish(), MANY), {
          checks: checks.map(({ key, condition }) =>
            condition.$case === 'version'
              ? { key, is: 'version', version: condition.value }
              : { key, is: condition.$case },
          ),
          writes: writes.map(({ key, operation }) =>
            operation.$case === 'put'
              ? { key, put: operation.value.value, ttl: Number(operation.value.ttl) }
              : { key, put: undefined },
          ),
        });
      }),
      { seed: 12 },
    );
  });

  it('are never read as something else than the generated code reads, whatever the bytes are', () => {
    const request = CommitRequest.encode({
      checks: [{ key: Buffer.from('a'), condition: { $case: 'version', value: 1n << 40n } }],
      writes: [
        {
          key: Buffer.from('b'),
          operation: { $case: 'put', value: { value: bytesOf('v'), ttl: 9n } },
        },
        { key: Buffer.from('c'), operation: { $case: 'delete', value: {} } },
      ],
    }).finish();
    const change = fc.record({ at: fc.nat(request.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(3), (changes, cut) => {
        const changed = Buffer.from(request.subarray(0, request.length - cut));
        for (const { at, byte } of changes) changed[at] = byte;
        const plain = plainCommit(changed, MANY);
        if (plain === undefined) return;
        const { checks, writes } = CommitRequest.decode(changed);
        assert.deepEqual(
          plain.checks.map(({ key }) => key),
          checks.map(({ key }) => key),
        );
        assert.deepEqual(
          plain.checks.map((read) => (read.is === 'version' ? read.version : true)),
          checks.map(({ condition }) => condition?.value),
        );
        assert.deepEqual(
          plain.writes.map(({ key, put }) => [key, put]),
          writes.map(({ key, operation }) => [
            key,
            operation?.$case === 'put' ? operation.value.value : undefined,
          ]),
        );
      }),
      { seed: 13, numRuns: 5000 },
    );
  });

  it('are left to the generated code where they are many, large or written in another way', () => {
    const keys = [bytesOf('a'), bytesOf('b')];
    const request = GetRequest.encode({ keys }).finish();
    assert.equal(plainKeys(request, 1), undefined);
    assert.equal(plainKeys(Buffer.concat([request, Uint8Array.of(0x10, 1)]), MANY), undefined);
    assert.equal(plainKeys(request.subarray(0, request.length - 1), MANY), undefined);
    const large = GetRequest.encode({ keys: [Buffer.alloc(70_000)] }).finish();
    assert.equal(plainKeys(large, MANY), undefined);
  });

  it('are written as the generated code reads them', () => {
    const entry = fc.record({
      value: bytes,
      version: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      expiresAt: fc.nat(Number.MAX_SAFE_INTEGER),
    });
    fc.assert(
      fc.property(fc.array(fc.option(entry, { nil: undefined })), (found) => {
        const entries = found.map((one) =>
          one === undefined
            ? { found: false, value: Buffer.alloc(0), version: 0n, expiresAt: 0n }
            : { ...one, found: true, expiresAt: BigInt(one.expiresAt) },
        );
        assert.deepEqual(GetResponse.decode(writeGet(found)), { entries, error: undefined });
      }),
      { seed: 14 },
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (version) => {
        assert.deepEqual(CommitResponse.decode(writeCommit({ version })), {
          version,
          failedCheck: undefined,
          error: undefined,
        });
      }),
      { seed: 15 },
    );
  });
});

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

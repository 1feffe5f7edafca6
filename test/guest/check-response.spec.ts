import { strict as assert } from 'node:assert';
import { BulkGetResponse, GetResponse } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { checkResponse } from '../../src/guest/check-response.ts';
import type { Method } from '../../src/guest/methods.ts';

const etag = { value: '7' };
const metadata = { ttlExpireTime: '2030-01-01T00:00:00Z' };
const item = {
  key: 'k',
  data: Buffer.from([0xff, 0]),
  etag,
  error: '',
  metadata,
  contentType: 'a/b',
};

const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe("a guest's response", () => {
  it('passes where it is the message that it should be', () => {
    checkResponse('Get', Buffer.from(GetResponse.encode(item).finish()));
    checkResponse('BulkGet', Buffer.from(BulkGetResponse.encode({ items: [item] }).finish()));
    checkResponse('MultiMaxSize', bytes(8, 128, 1));
    checkResponse('Set', bytes());
  });

  it('passes with fields that nobody knows yet', () => {
    checkResponse('Get', bytes(0x7a, 2, 1, 2, 0x78, 5, 0x7d, 1, 2, 3, 4));
  });

  const broken: readonly [string, Method, Buffer][] = [
    ['a length beyond its end', 'Get', bytes(10, 5, 1)],
    ['a number cut off', 'MultiMaxSize', bytes(8, 128)],
    [
      'a number of more than ten bytes',
      'MultiMaxSize',
      bytes(8, ...Array.from({ length: 11 }, () => 255)),
    ],
    ['a field of another kind', 'Get', bytes(8, 1)],
    ['field 0', 'Set', bytes(2, 0)],
    ['a group', 'Set', bytes(11, 12)],
    ['text that is not UTF-8', 'Get', bytes(34, 1, 0xff)],
    ['a nested message that is broken', 'Get', bytes(18, 2, 10, 9)],
    ['a fixed number cut off', 'Set', bytes(13, 1)],
  ];
  for (const [what, method, response] of broken) {
    it(`fails with ${what}`, () => {
      assert.throws(() => checkResponse(method, response), { code: 'GUEST_FAILED' });
    });
  }
});

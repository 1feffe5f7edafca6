import assert from 'node:assert/strict';
import { PutRequest } from '../../../src/gen/etcd/v3/etcd.ts';
import { encodeMessage } from '../../../src/kv/grpc/message.ts';

function request(size: number): PutRequest {
  return { key: Buffer.from('key'), value: Buffer.alloc(size, 'v'), lease: 1n };
}

describe('messages of gRPC', () => {
  it('stand after their length, each in bytes of its own', () => {
    const sizes = [3, 70_000, 0, 200, 1];
    const encoded = sizes.map((size) => encodeMessage(PutRequest, request(size)));
    for (const [index, bytes] of encoded.entries()) {
      assert.equal(bytes[0], 0);
      assert.equal(bytes.readUInt32BE(1), bytes.length - 5);
      assert.deepEqual(PutRequest.decode(bytes.subarray(5)), request(sizes[index] ?? 0));
    }
  });

  it('are whole after one that could not be encoded', () => {
    const impossible = { ...request(10), lease: 2n ** 70n };
    assert.throws(() => encodeMessage(PutRequest, impossible), /too large/);
    const bytes = encodeMessage(PutRequest, request(5));
    assert.deepEqual(PutRequest.decode(bytes.subarray(5)), request(5));
  });
});

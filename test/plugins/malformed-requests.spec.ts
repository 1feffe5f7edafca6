import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { GuestError, type Method, type StateStore } from '../../src/index.ts';
import { SetRequest } from '../../src/gen/dapr/proto/components/v1/state.ts';
import { QUICK, describeStores, refuses } from './stores.ts';

const METHODS: readonly Method[] = [
  'Get',
  'Set',
  'Delete',
  'BulkGet',
  'BulkSet',
  'BulkDelete',
  'Transact',
  'Query',
];

/** Whether the guest answered, rather than failed. */
async function answers(store: StateStore, method: Method, request: Uint8Array): Promise<void> {
  try {
    await store.call(method, request);
  } catch (error) {
    assert.ok(error instanceof GuestError, `${method}: ${String(error)}`);
    const { fault } = error;
    const status = fault.reason === '' ? fault.code : fault.reason;
    assert.match(status, /^(INVALID_ARGUMENT|ETAG_MISMATCH|ETAG_INVALID)$/);
  }
}

/** Bytes that get further than random ones: tags of the messages' own fields. */
const alike = fc
  .array(
    fc.oneof(
      fc.constantFrom(0x08, 0x0a, 0x10, 0x12, 0x1a, 0x22, 0x2a, 0x32),
      fc.nat(8),
      fc.nat(255),
    ),
    { maxLength: 60 },
  )
  .map((bytes) => Uint8Array.from(bytes));

describeStores('malformed requests', QUICK, (open) => {
  it('are answered with INVALID_ARGUMENT', async () => {
    const store = await open();
    const broken: Record<string, number[]> = {
      'a length beyond the end': [0x0a, 0x05, 0x61],
      'a length that does not end': [0x0a, 0xff, 0xff],
      'a varint of eleven bytes': [0x0a, ...Array<number>(10).fill(0xff), 0x01],
      'a varint of more than 64 bits': [0x78, ...Array<number>(9).fill(0xff), 0x02],
      'field number 0': [0x02, 0x01, 0x61],
      'a group': [0x0b, 0x0c],
      'a wire type that there is not': [0x0f],
    };
    for (const [what, bytes] of Object.entries(broken)) {
      for (const method of METHODS) {
        const call = store.call(method, Uint8Array.from(bytes));
        await refuses(call, 'INVALID_ARGUMENT', /the request is not a \w+ message/).catch(
          (error: unknown) => assert.fail(`${method} with ${what}: ${String(error)}`),
        );
      }
    }
  });

  it('never make the guest fail, whatever the bytes', async function () {
    this.timeout(120_000);
    const store = await open();
    await store.set('a', '{"a":1}');
    const method = fc.constantFrom(...METHODS);
    await fc.assert(
      fc.asyncProperty(method, fc.oneof(alike, fc.uint8Array({ maxLength: 60 })), (name, bytes) =>
        answers(store, name, bytes),
      ),
      { numRuns: 5000, seed: 20 },
    );
    await store.set('a', 'still there');
  });

  it('may have fields that the store does not know', async () => {
    const store = await open();
    const known = SetRequest.encode({
      key: 'key',
      value: Buffer.from('value'),
      etag: undefined,
      metadata: {},
      options: undefined,
      contentType: '',
    }).finish();
    // Field 100 as varint, 64 bits, bytes and 32 bits.
    const unknown = [
      0xa0, 6, 1, 0xa1, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0xa2, 6, 1, 7, 0xa5, 6, 1, 2, 3, 4,
    ];
    await store.call('Set', Uint8Array.from([...unknown, ...known, ...unknown]));
    assert.equal(Buffer.from((await store.get('key'))?.data ?? []).toString(), 'value');
  });

  it('are those whose key is not UTF-8', async () => {
    const store = await open();
    for (const key of [
      [0xff],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ]) {
      const request = Uint8Array.from([0x0a, key.length, ...key]);
      for (const method of ['Get', 'Set', 'Delete'] as const) {
        await refuses(store.call(method, request), 'INVALID_ARGUMENT', /not UTF-8/);
      }
    }
  });
});

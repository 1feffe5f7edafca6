import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { assembleGuest } from '../hostile/gallery.ts';
import { needBuilt } from '../hostile/need-built.ts';
import { NEIGHBOUR_MODULE } from '../hostile/neighbour.ts';
import { MAIN, Server } from '../hostile/server.ts';
import { StoreClient } from '../hostile/store-client.ts';
import { SEED, runs, timeFor } from './effort.ts';

const RUNS = 400;
const DURABLE_MODULE = join(import.meta.dirname, '../../plugins/durable/build/durable.wasm');
const METHODS = [
  'StateStore/Init',
  'StateStore/Features',
  'StateStore/Get',
  'StateStore/Set',
  'StateStore/Delete',
  'StateStore/Ping',
  'StateStore/BulkGet',
  'StateStore/BulkSet',
  'StateStore/BulkDelete',
  'TransactionalStateStore/Transact',
  'QueriableStateStore/Query',
  'TransactionalStoreMultiMaxSize/MultiMaxSize',
];

/**
 * Answers with the request's own bytes. Where these begin with the letter e, or come to Delete,
 * they are an error of the guest.
 */
const ECHO = `
(func $packed (param $at i32) (param $size i32) (result i64)
  (i64.or
    (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
    (i64.extend_i32_u (local.get $size))))
(func $echo (param $at i32) (param $size i32) (result i64)
  (if (result i64) (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x65))
    (then (i64.or (call $packed (local.get $at) (local.get $size)) (i64.const 0x80000000)))
    (else (call $packed (local.get $at) (local.get $size)))))
(export "state_store_get" (func $echo))
(export "state_store_set" (func $echo))
(export "state_store_delete" (func $echo))
(export "state_store_ping" (func $echo))
(export "queriable_state_store_query" (func $echo))
(export "transactional_state_store_transact" (func $echo))`;

/** Protobuf's shape at random: fields of low numbers with plausible wire types and lengths. */
const field = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 15 }), fc.uint8Array({ maxLength: 40 }))
    .map(([number, content]) =>
      Buffer.concat([Uint8Array.of((number << 3) | 2, content.length), content]),
    ),
  fc
    .tuple(fc.integer({ min: 1, max: 15 }), fc.nat(127))
    .map(([number, value]) => Uint8Array.of(number << 3, value)),
  fc.uint8Array({ maxLength: 20 }),
);
const message = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.array(field, { maxLength: 8 }).map((fields) => new Uint8Array(Buffer.concat(fields))),
  // The letter that makes it an error, with JSON or nearly.
  fc.json().map((json) => new TextEncoder().encode(`e${json}`)),
);

describe('random messages over the socket', () => {
  const server = new Server();

  before(async function start() {
    this.timeout(60_000);
    needBuilt(this, MAIN, NEIGHBOUR_MODULE, DURABLE_MODULE);
    server.add('memory', readFileSync(NEIGHBOUR_MODULE), '');
    server.add('durable', readFileSync(DURABLE_MODULE), 'kv: { engine: memory }\n');
    server.add('echo', assembleGuest('echo', ECHO), '');
    await server.start();
  });

  after(() => server[Symbol.asyncDispose]());

  for (const plugin of ['memory', 'durable']) {
    it(`are answered or refused by ${plugin} as requests, on a connection that lives on`, async () => {
      using random = new StoreClient(server.socket(plugin), 'random');
      using proper = new StoreClient(server.socket(plugin), 'proper');
      await random.init();
      await proper.init();
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...METHODS), message, async (method, request) => {
          const { code, message: text } = await random.callAny(method, request);
          assert.doesNotMatch(code, /UNAVAILABLE|CANCELLED|DEADLINE/u, text);
          assert.equal((await proper.set('key', 'value')).code, 'OK');
          assert.equal((await proper.get('key')).data, 'value');
        }),
        { seed: SEED, numRuns: runs(RUNS) },
      );
      assert.deepEqual(restarts(server, plugin), []);
    }).timeout(timeFor(RUNS));
  }

  it('are passed on or refused as responses of a guest, and cost an instance at the most', async () => {
    using client = new StoreClient(server.socket('echo'), 'random');
    await client.init();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), message, async (method, request) => {
        const { code, message: text } = await client.callAny(method, request);
        assert.doesNotMatch(code, /UNAVAILABLE|CANCELLED|DEADLINE/u, text);
      }),
      { seed: SEED, numRuns: runs(RUNS) },
    );
    // Each answer that is no message costs its instance, and no answer costs more.
    const threads = restarts(server, 'echo').filter((line) => line.includes('thread'));
    assert.deepEqual(threads, []);
  }).timeout(timeFor(RUNS));
});

/** What the log says of threads that ended or instances that were replaced. */
function restarts({ log }: Server, wanted: string): string[] {
  return log
    .filter(({ plugin, level }) => plugin === wanted && level === 'error')
    .map(({ msg, error }) => `${msg}: ${error}`);
}

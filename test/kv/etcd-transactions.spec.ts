import assert from 'node:assert/strict';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { EtcdAdmin } from '../servers/etcd-admin.ts';
import { startEtcd, type EtcdServer } from '../servers/etcd.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, faultOf, hasVersion, isAbsent, isPresent, put } from './client.ts';
import { untilPast } from './contract/bench.ts';

describe('transactions of the etcd engine', () => {
  let server: EtcdServer;
  let admin: EtcdAdmin;
  let keyspaces: Keyspaces;
  let kv: Client;
  let count = 0;
  const prefix = (): string => `w:p/c${count}:`;

  before(async function () {
    requireProgram(this, 'etcd');
    server = await startEtcd();
    admin = new EtcdAdmin(server.url);
  });
  beforeEach(async () => {
    keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    const settings = {
      engine: 'etcd',
      url: [server.url],
      prefix: 'w',
      maxOperations: 128,
      maxRequest: 1536 * 1024,
    } as const;
    const name = { plugin: 'p', component: `c${(count += 1)}` };
    kv = new Client(await keyspaces.open({ ...settings, url: [server.url] }, name));
  });
  afterEach(() => keyspaces.close());
  after(() => server?.close());

  it('check as many versions as etcd takes operations', async () => {
    const keys = Array.from({ length: 128 }, (_, index) => `k${index}`);
    const version = await kv.commit(keys.map((key, index) => put(key, '1', index % 2 && 60_000)));
    const checks = keys.map((key) => hasVersion(key, version));
    const next = await kv.commit([put('k100', '2')], checks);
    assert.equal(await kv.failedCheck([put('x', '1')], checks), 100);
    checks[100] = hasVersion('k100', next);
    await kv.commit([put('x', '1')], checks);
  });

  it('take a key for absent that expired while etcd still has it', async () => {
    const version = await kv.commit([put('a', '1', 30)]);
    const [a] = await kv.get('a');
    await untilPast(a?.expiresAt ?? 0n);
    assert.notEqual(await admin.get(`${prefix()}a`), null, 'etcd has removed it already');
    assert.equal(await kv.failedCheck([], [isPresent('a')]), 0);
    assert.equal(await kv.failedCheck([], [hasVersion('a', version)]), 0);
    const tries = Array.from({ length: 8 }, () => kv.tryCommit([put('a', '2')], [isAbsent('a')]));
    const won = (await Promise.all(tries)).filter(({ failedCheck }) => failedCheck === undefined);
    assert.equal(won.length, 1);
    assert.equal(await kv.text('a'), '2');
  });

  it('share leases among keys that expire at about the same time, which etcd ends', async () => {
    for (let index = 0; index < 20; index += 1) await kv.commit([put(`k${index}`, '1', 40_000)]);
    const kvs = await admin.keys(prefix());
    const leases = new Set(kvs.map(({ lease }) => lease));
    assert.equal(kvs.length, 20);
    assert.ok(!leases.has('0') && leases.size <= 2, [...leases].join());
    for (const ID of leases) {
      const grantedTTL = await admin.grantedTtl(ID);
      assert.ok(grantedTTL >= 40 && grantedTTL <= 55, String(grantedTTL));
    }
  });

  it('get a new lease where etcd has lost the one that they would share', async () => {
    await kv.commit([put('a', '1', 40_000)]);
    const kvs = await admin.keys(prefix());
    await admin.revoke(kvs[0]?.lease ?? assert.fail());
    assert.equal(await kv.text('a'), undefined);
    await kv.commit([put('a', '2', 40_000)]);
    assert.equal(await kv.text('a'), '2');
  });

  it('are refused before they are sent where etcd would not take them', async () => {
    const key = Buffer.alloc(4096, 1);
    const checks = Array.from({ length: 128 }, (_, index) =>
      isAbsent(Buffer.concat([key.subarray(2), Buffer.from([index, 0])])),
    );
    const response = await kv.tryCommit([put('a', Buffer.alloc(500_000))], checks);
    assert.equal(faultOf(response), 'TOO_LARGE');
    assert.match(response.error?.message ?? '', /kv\.maxRequest/);
    const { limits } = kv.keyspace;
    await kv.commit([put(Buffer.alloc(limits.keySize), Buffer.alloc(limits.valueSize))]);
  });

  it('that come together fail alone', async () => {
    const version = await kv.commit([put('a', '1'), put('b', '1')]);
    const [good, failing, other, same] = await Promise.all([
      kv.tryCommit([put('c', '1')], [isAbsent('c')]),
      kv.tryCommit([put('d', '1')], [isPresent('b'), hasVersion('a', version + 1n)]),
      kv.tryCommit([put('e', '1')], [hasVersion('b', version)]),
      kv.tryCommit([put('c', '2')], [isPresent('c')]),
    ]);
    assert.deepEqual(
      [good.failedCheck, failing.failedCheck?.index, other.failedCheck],
      [undefined, 1, undefined],
    );
    assert.deepEqual(await kv.keys(), ['a', 'b', 'c', 'e']);
    // Which of the two that touch one key came first is not said.
    assert.equal(await kv.text('c'), same.failedCheck === undefined ? '2' : '1');
  });

  it('say so where a value is not one of theirs', async () => {
    await admin.put(`${prefix()}alien`, 'x');
    const response = await kv.tryGet(['alien']);
    assert.equal(faultOf(response), 'INTERNAL');
    assert.match(response.error?.message ?? '', /written by another program/);
  });
});

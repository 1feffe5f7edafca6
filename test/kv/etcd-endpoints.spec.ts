import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { WasmstateError } from '../../src/error.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { startEtcd, type EtcdServer } from '../servers/etcd.ts';
import { freePort } from '../servers/free-port.ts';
import { requireProgram } from '../servers/require-program.ts';
import { Client, put, within } from './client.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { TestServer } from './http2/test-server.ts';

describe('the endpoints of the etcd engine', () => {
  const random = Math.random;
  let server: EtcdServer;
  let keyspaces: Keyspaces;

  const open = async (...url: string[]): Promise<Client> => {
    const settings = {
      engine: 'etcd',
      url,
      prefix: 'w',
      maxOperations: 128,
      maxRequest: 1536 * 1024,
    } as const;
    return new Client(await keyspaces.open(settings, { plugin: 'p', component: 'c' }));
  };

  before(async function () {
    requireProgram(this, 'etcd');
    server = await startEtcd();
  });
  beforeEach(() => {
    keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    // The first endpoint comes first.
    Math.random = () => 0;
  });
  afterEach(async () => {
    Math.random = random;
    await keyspaces.close();
  });
  after(() => server?.close());

  it('may be gone, but for one', async () => {
    const kv = await open(`http://127.0.0.1:${await freePort()}`, server.url);
    await kv.commit([put('a', '1')]);
    assert.equal(await kv.text('a'), '1');
  });

  it('are left when they go away', async () => {
    const proxy = await CuttingProxy.start(server.port);
    const kv = await open(`http://127.0.0.1:${proxy.port}`, server.url);
    await kv.commit([put('a', '2')]);
    await proxy.close();
    // A read goes on by itself; of a commit under way just then nobody would know.
    assert.equal((await kv.tryGet(['a'], within(2000))).entries[0]?.value.toString(), '2');
    await kv.commit([put('a', '3')]);
    assert.equal(await kv.text('a'), '3');
  });

  it('are left when they know no leader, with nothing done twice', async () => {
    let asked = 0;
    const cutOff = await TestServer.start((stream, headers) => {
      asked += 1;
      assert.equal(headers['hasleader'], 'true');
      const failure = { 'grpc-status': '14', 'grpc-message': 'etcdserver: no leader' };
      stream.respond({ ':status': 200, ...failure }, { endStream: true });
    });
    try {
      const kv = await open(`http://127.0.0.1:${cutOff.port}`, server.url);
      await kv.commit([put('a', '4')]);
      assert.equal(await kv.text('a'), '4');
      assert.equal(asked, 1);
    } finally {
      cutOff.close();
    }
  });

  it('that know no leader, all of them, are said to', async () => {
    let asked = 0;
    const cutOff = await TestServer.start((stream) => {
      asked += 1;
      const failure = asked === 1 ? {} : { 'grpc-message': 'etcdserver: no leader' };
      stream.respond({ ':status': 200, 'grpc-status': '14', ...failure }, { endStream: true });
    });
    try {
      const opening = open(`http://127.0.0.1:${cutOff.port}`);
      await assert.rejects(opening, { code: 'UNAVAILABLE', message: /gRPC status 14/ });
      await assert.rejects(open(`http://127.0.0.1:${cutOff.port}`), {
        code: 'UNAVAILABLE',
        message: /no leader/,
      });
      assert.ok(asked > 3, 'it waits for a leader to be elected');
    } finally {
      cutOff.close();
    }
  });

  it('keep no process alive', () => {
    const script = `
      const { createKeyspaces } = await import('./src/kv/keyspaces.ts');
      const keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
      const settings = { engine: 'etcd', url: [process.env.ETCD], prefix: 'w' };
      const name = { plugin: 'p', component: 'c' };
      const limits = { maxOperations: 128, maxRequest: 1024 * 1024 };
      const keyspace = await keyspaces.open({ ...settings, ...limits }, name);
      const found = await keyspace.get([Buffer.from('none')], { deadline: Infinity });
      console.log(found.length);
    `;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      encoding: 'utf8',
      env: { ...process.env, ETCD: server.url },
      timeout: 10_000,
    });
    assert.equal(output, '1\n');
  });

  it('are spoken to over TLS, and not where nobody vouches for their certificate', async () => {
    const secure = await startEtcd({ tls: true });
    const trusted = getCACertificates('default');
    try {
      await assert.rejects(open(secure.url), (error: unknown) => {
        assert.ok(error instanceof WasmstateError, String(error));
        assert.match(error.message, /certificate/);
        return error.code === 'UNAVAILABLE';
      });
      setDefaultCACertificates([...trusted, readFileSync(secure.certificate, 'utf8')]);
      const kv = await open(secure.url);
      await kv.commit([put('a', 'x'.repeat(500_000))]);
      assert.equal((await kv.text('a'))?.length, 500_000);
    } finally {
      setDefaultCACertificates(trusted);
      await secure.close();
    }
  });
});

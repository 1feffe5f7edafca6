import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import {
  AuthenticateRequest,
  AuthenticateResponse,
  RangeResponse,
  TxnResponse,
} from '../../src/gen/etcd/v3/etcd.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { Client, faultOf, put } from './client.ts';
import { TestServer, bodyOf } from './http2/test-server.ts';

function answer(stream: ServerHttp2Stream, message: Uint8Array): void {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond({ ':status': 200 }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, message]));
}

function refuse(stream: ServerHttp2Stream, why: string): void {
  const failure = { 'grpc-status': '16', 'grpc-message': why };
  stream.respond({ ':status': 200, ...failure }, { endStream: true });
}

describe('the token of the etcd engine', () => {
  let server: TestServer;
  let keyspaces: Keyspaces;
  let valid: string;
  let given: number;
  let refused: number;
  let commits: number;
  let mayAuthenticate: boolean;

  beforeEach(async () => {
    valid = 'token 1';
    given = refused = commits = 0;
    mayAuthenticate = true;
    keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
    server = await TestServer.start((stream, headers) => {
      void bodyOf(stream).then((body) => {
        const path = headers[':path'];
        if (path === '/etcdserverpb.Auth/Authenticate') {
          if (!mayAuthenticate) return stream.close(2);
          const { name, password } = AuthenticateRequest.decode(body.subarray(5));
          assert.deepEqual([name, password], ['user', 'word']);
          given += 1;
          answer(stream, AuthenticateResponse.encode({ token: valid }).finish());
        } else if (headers['token'] !== valid) {
          refused += 1;
          refuse(stream, 'etcdserver: invalid auth token');
        } else if (path === '/etcdserverpb.KV/Txn') {
          commits += 1;
          const header = { revision: 7n };
          answer(stream, TxnResponse.encode({ header, succeeded: true, responses: [] }).finish());
        } else {
          answer(
            stream,
            RangeResponse.encode({ header: undefined, kvs: [], more: false }).finish(),
          );
        }
      });
    });
  });
  afterEach(async () => {
    await keyspaces.close();
    server.close();
  });

  const open = async (): Promise<Client> => {
    const settings = {
      engine: 'etcd' as const,
      url: [`http://127.0.0.1:${server.port}`],
      username: 'user',
      password: 'word',
      prefix: 'w',
      maxOperations: 128,
      maxRequest: 1536 * 1024,
    };
    return new Client(await keyspaces.open(settings, { plugin: 'p', component: 'c' }));
  };

  it('is asked for once, and again by all together when it has run out', async () => {
    const kv = await open();
    await Promise.all([kv.commit([put('a', '1')]), kv.get('a'), kv.keys()]);
    assert.deepEqual([given, refused, commits], [1, 0, 1]);
    valid = 'token 2';
    // Both write `a`, so they go one after the other.
    const calls = [kv.commit([put('a', '2')]), kv.get('a'), kv.keys(), kv.commit([put('a', '3')])];
    await Promise.all(calls);
    assert.equal(commits, 3);
    assert.ok(refused >= 1 && given === 2, `${refused} refused, ${given} tokens`);
  });

  it('that cannot be had leaves nothing done, and no doubt about it', async () => {
    const kv = await open();
    mayAuthenticate = false;
    valid = 'token 2';
    const response = await kv.tryCommit([put('a', '1')]);
    assert.match(response.error?.message ?? '', /no token/);
    assert.equal(faultOf(response), 'UNAVAILABLE');
    mayAuthenticate = true;
    await kv.commit([put('a', '1')]);
    assert.equal(commits, 1);
  });
});

import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RpcError } from './rpc-error.ts';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SPIN, watGuest } from './wat-guest.ts';

const SECRET = 'hunter2-and-a-half';

describe('the properties of a component, which may be secrets', () => {
  const served = Served.forTests(async (folders) => {
    await folders.addPlugin('memory', shippedModule('memory'));
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
    await folders.addPlugin('trap', watGuest({ exports: { init: '(unreachable)' } }));
    const spin = watGuest({ exports: { set: SPIN } });
    await folders.addPlugin('spin', spin, { interrupt: false, limits: { call: '200ms' } });
    await folders.addPlugin('torn', watGuest({}), `module: guest.wasm\npassword: ${SECRET}\n`);
    await folders.addPlugin(
      'env',
      watGuest({}),
      `module: guest.wasm\nenv: { TOKEN: [${SECRET}] }\nkv: { url: "${SECRET}", engine: redis }\n`,
    );
  });

  it('stand in no error, no log line and no output, whatever goes wrong', async () => {
    const errors: RpcError[] = [];
    const failed = async (call: Promise<unknown>): Promise<void> => {
      await assert.rejects(call, (error: RpcError) => errors.push(error) > 0);
    };
    const secret = { password: SECRET, [SECRET]: 'as a name' };
    await served.open('memory', 'component', secret);
    await failed(served.connect('trap').init(secret));
    const durable = served.connect('durable');
    for (const kv of [
      { 'kv.engine': SECRET },
      { 'kv.engine': 'redis', 'kv.url': SECRET },
      { 'kv.engine': 'redis', 'kv.url': `http://:${SECRET}@127.0.0.1` },
      { 'kv.engine': 'redis', 'kv.url': 'redis://127.0.0.1', 'kv.cluster': SECRET },
      { 'kv.engine': 'postgres', 'kv.url': `postgres://u:${SECRET}@h/d`, 'kv.schema': SECRET },
      { 'kv.engine': 'etcd', 'kv.url': `http://u:${SECRET}@127.0.0.1` },
      { 'kv.engine': 'etcd', 'kv.url': 'http://127.0.0.1', 'kv.maxRequest': SECRET },
      { 'kv.engine': 'sqlite', 'kv.synchronous': SECRET },
      { 'kv.engine': 'memory', 'kv.unknown': SECRET },
      { 'kv.engine': 'memory', 'kv.share': SECRET },
      // Nobody listens at port 1, so this fails with what the client library says.
      { 'kv.engine': 'redis', 'kv.url': `redis://user:${SECRET}@127.0.0.1:1` },
    ]) {
      await failed(durable.init(kv));
    }
    const spin = await served.open('spin', 'component', secret);
    await failed(spin.set('key', 'value'));
    await served.process.logged({ plugin: 'spin', msg: /successor serves/ });

    assert.ok(errors.length > 10);
    for (const error of errors) {
      assert.ok(!JSON.stringify([error.message, error.details]).includes(SECRET), error.message);
    }
    assert.ok(!served.process.stdout.includes(SECRET));
    assert.ok(!served.process.stderr.includes(SECRET), served.process.stderr);
  });

  it('stand in a file of their own that only its user can read', async () => {
    await served.open('memory', 'remembered', { password: SECRET });
    const { data } = served.process.folders;
    const names = await readdir(data, { recursive: true });
    const files = [];
    for (const name of names) {
      const file = join(data, name);
      const about = await stat(file);
      if (!about.isFile()) continue;
      const text = (await readFile(file)).toString('latin1');
      const base64 = [...text.matchAll(/[A-Za-z0-9+/=]{20,}/g)].map(([found]) =>
        Buffer.from(found, 'base64').toString('latin1'),
      );
      if ([text, ...base64].some((part) => part.includes(SECRET))) {
        files.push({ name, mode: about.mode & 0o777 });
      }
    }
    assert.ok(files.some(({ name }) => name.endsWith('memory.json')));
    for (const { name, mode } of files) assert.equal(mode, 0o600, name);
  });
});

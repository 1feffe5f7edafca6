import assert from 'node:assert/strict';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { StateClient } from './state-client.ts';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { ECHO, watGuest } from './wat-guest.ts';

const MiB = 1024 ** 2;

/** A message of so many bytes, 200 at least, which is one for any method: a single field of bytes. */
function message(size: number, fill = 0): Buffer {
  for (let header = 2; ; header += 1) {
    const length = new BinaryWriter().uint32(size - header).finish();
    if (length.length + 1 === header) {
      return Buffer.concat([Buffer.of(0x0a), length, Buffer.alloc(size - header, fill)]);
    }
  }
}

describe('the size of messages', () => {
  const served = Served.forTests(async (folders) => {
    const echo = watGuest({ exports: { get: ECHO } });
    await folders.addPlugin('echo', echo);
    await folders.addPlugin('narrow', echo, { limits: { request: '1MiB' } });
    await folders.addPlugin('cramped', echo, { limits: { memory: '16MiB' } });
    await folders.addPlugin('full', shippedModule('memory'), { limits: { memory: '16MiB' } });
    await folders.addPlugin('memory', shippedModule('memory'));
  });

  const answered = async (client: StateClient): Promise<void> => {
    assert.deepEqual(await client.call('Get', message(10)), message(10));
    assert.ok(client.isConnected);
  };

  it('may be up to 4 MiB of an answer, to the byte', async () => {
    const client = await served.open('echo');
    const answer = await client.call('Get', message(4 * MiB, 1));
    assert.ok(answer.equals(message(4 * MiB, 1)));
  });

  it('is refused of an answer above that, which daprd would not receive', async () => {
    const client = await served.open('echo');
    await assert.rejects(client.call('Get', message(4 * MiB + 1)), {
      code: 'RESOURCE_EXHAUSTED',
      message: /the answer of 4194305 bytes is above the 4194304 bytes that daprd receives/,
    });
    await answered(client);
  });

  it('may be up to limits.request of a request, 64 MiB by default, to the byte', async () => {
    const client = await served.open('echo');
    await client.call('Set', Buffer.alloc(64 * MiB));
    const narrow = await served.open('narrow');
    await narrow.call('Set', Buffer.alloc(MiB));
  });

  it('is refused of a request above limits.request, and other calls go on', async () => {
    for (const { plugin, limit } of [
      { plugin: 'echo', limit: 64 * MiB },
      { plugin: 'narrow', limit: MiB },
    ]) {
      const client = await served.open(plugin);
      const others = Array.from({ length: 5 }, () => answered(client));
      await assert.rejects(client.call('Set', Buffer.alloc(limit + 1)), {
        code: 'RESOURCE_EXHAUSTED',
      });
      await Promise.all(others);
      await answered(client);
    }
  });

  for (const plugin of ['cramped', 'full']) {
    it(`is refused by a guest without the memory for it, which loses nothing: ${plugin}`, async () => {
      const client = await served.open(plugin);
      await client.set('kept', 'value');
      await assert.rejects(client.set('large', Buffer.alloc(17 * MiB)), {
        code: 'RESOURCE_EXHAUSTED',
        message: /no room for a request of 178258\d\d bytes; raise limits\.memory or send less/,
      });
      await client.set('small', 'value');
      assert.deepEqual(served.process.logLines({ plugin, level: 'error' }), []);
      if (plugin === 'full') assert.equal(await client.text('kept'), 'value');
    });
  }

  it('may be so large of a value that only BulkGet or Get says it cannot be read', async () => {
    const client = await served.open('memory');
    await client.set('large', Buffer.alloc(20 * MiB, 'x'));
    await client.set('small', 'value');
    await assert.rejects(client.get('large'), { code: 'RESOURCE_EXHAUSTED' });
    await assert.rejects(client.bulkGet(['small', 'large']), { code: 'RESOURCE_EXHAUSTED' });
    assert.equal(await client.text('small'), 'value');
    await client.delete('large');
    assert.equal(await client.text('large'), '');
  });

  it('does not mix the answers of many calls in flight', async () => {
    const client = await served.open('echo');
    const sizes = Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? MiB : 200) + i);
    const answers = await Promise.all(
      sizes.map((size, i) => client.call('Get', message(size, i + 1))),
    );
    for (const [i, answer] of answers.entries()) {
      assert.ok(answer.equals(message(sizes[i] ?? 0, i + 1)), `answer ${i}`);
    }
  });
});

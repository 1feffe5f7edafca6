import assert from 'node:assert/strict';
import { shippedModule } from './serve-folders.ts';
import { Served } from './served.ts';
import { SteadyCalls } from './steady-calls.ts';
import { SLEEP, SLEEP_IMPORT, answer, sleepFields, watGuest } from './wat-guest.ts';

describe('components of one plugin', () => {
  const served = Served.forTests(async (folders) => {
    await folders.addPlugin('memory', shippedModule('memory'));
    await folders.addPlugin('durable', shippedModule('durable'), { kv: {} });
    const slow = {
      value: 'found',
      imports: SLEEP_IMPORT,
      fields: sleepFields(300),
      exports: { init: `${SLEEP} ${answer(0, 0)}` },
    };
    await folders.addPlugin('slow', watGuest(slow));
    await folders.addPlugin('unwilling', watGuest({ exports: { init: '(unreachable)' } }));
  });

  it('refuse every call before Init, and say what to do', async () => {
    const client = served.connect('memory', 'too early');
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      Features: () => client.features(),
      Ping: () => client.ping(),
      Get: () => client.get('key'),
      Set: () => client.set('key', 'value'),
      Delete: () => client.delete('key'),
      BulkGet: () => client.bulkGet(['key']),
      BulkSet: () => client.bulkSet([{ key: 'key' }]),
      BulkDelete: () => client.bulkDelete([{ key: 'key' }]),
      Transact: () => client.transact([]),
      Query: () => client.query({ filter: {}, sort: [], pagination: undefined }),
      MultiMaxSize: () => client.multiMaxSize(),
    };
    for (const [method, call] of Object.entries(calls)) {
      await assert.rejects(
        call(),
        { code: 'FAILED_PRECONDITION', message: /"too early".*call Init first/, details: [] },
        method,
      );
    }
  });

  it('are told apart by the header, on one connection and on several', async () => {
    const one = await served.open('memory', 'one');
    const two = one.as('two');
    await two.init();
    const three = await served.open('memory', 'three');
    await one.set('key', 'of one');
    await two.set('key', 'of two');
    assert.equal(await one.text('key'), 'of one');
    assert.equal(await two.text('key'), 'of two');
    assert.equal(await three.text('key'), '');
    assert.equal(await three.as('one').text('key'), 'of one');
  });

  it('keep apart what the host stores for them', async () => {
    const one = await served.open('durable', 'one');
    const two = await served.open('durable', 'two');
    await one.set('key', 'of one');
    assert.equal(await two.text('key'), '');
    assert.equal(await one.text('key'), 'of one');
  });

  it('include one without a name, be the header missing or empty', async () => {
    const named = await served.open('memory', 'named');
    const nameless = named.as(undefined);
    await assert.rejects(nameless.get('key'), { code: 'FAILED_PRECONDITION' });
    await nameless.init();
    await nameless.set('key', 'of none');
    assert.equal(await named.as('').text('key'), 'of none');
    assert.equal(await named.text('key'), '');
  });

  it('take any text that a header carries as a name', async () => {
    for (const name of ['a/b', '..', 'name with spaces', 'x'.repeat(300)]) {
      const client = await served.open('durable', name);
      await client.set('key', `of ${name}`);
      assert.equal(await client.text('key'), `of ${name}`);
    }
  });

  for (const plugin of ['memory', 'durable', 'slow']) {
    it(`are replaced by a second Init without a failing call: ${plugin}`, async () => {
      const client = await served.open(plugin, 'replaced');
      await using load = SteadyCalls.start(() => client.get('key'), 8);
      for (let i = 0; i < 3; i += 1) {
        await load.more(20);
        await client.init({ attempt: String(i) });
      }
      await load.more(20);
      await load.stop();
      assert.deepEqual(load.failures, []);
    });
  }

  it('begin anew with a second Init where the guest holds the state, and only there', async () => {
    const guest = await served.open('memory', 'again');
    const host = await served.open('durable', 'again');
    for (const client of [guest, host]) {
      await client.set('key', 'value');
      await client.init();
    }
    assert.equal(await guest.text('key'), '');
    assert.equal(await host.text('key'), 'value');
  });

  it('serve on as they were where a second Init fails', async () => {
    const client = await served.open('durable', 'steadfast');
    await client.set('key', 'value');
    await assert.rejects(client.init({ 'kv.engine': 'none of these' }), {
      code: 'INVALID_ARGUMENT',
      message: /kv\.engine/,
    });
    assert.equal(await client.text('key'), 'value');
  });

  it('do not exist where the first Init failed', async () => {
    const client = served.connect('unwilling');
    await assert.rejects(client.init(), { code: 'INTERNAL', message: /failed in Init.*trapped/ });
    await assert.rejects(client.get('key'), { code: 'FAILED_PRECONDITION' });
  });

  it('refuse an Init that is no message', async () => {
    for (const plugin of ['memory', 'durable']) {
      const client = served.connect(plugin, 'garbled');
      const refused = client.call('Init', Buffer.of(0x0a, 0xff, 0x01));
      await assert.rejects(refused, { code: 'INVALID_ARGUMENT', message: /InitRequest/ });
    }
  });

  it('get their Inits one after the other, whatever their number', async () => {
    const client = served.connect('slow', 'hurried');
    await Promise.all(Array.from({ length: 5 }, (_, i) => client.init({ attempt: String(i) })));
    assert.equal(await client.text('key'), 'found');
  });
});

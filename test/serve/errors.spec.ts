import assert from 'node:assert/strict';
import { guestModule, needGuest } from '../guests/built.ts';
import type { StateClient } from './state-client.ts';
import { Served } from './served.ts';
import { ECHO, ECHO_AS_ERROR, watGuest } from './wat-guest.ts';

const etagViolation = (description: string) => [
  {
    type: 'google.rpc.BadRequest',
    value: { fieldViolations: [{ field: 'etag', description }] },
  },
];
const errorInfo = (reason: string, metadata: Record<string, string>) => [
  { type: 'google.rpc.ErrorInfo', value: { reason, domain: 'wasmstate', metadata } },
];

describe("a guest's errors over the socket", () => {
  const served = Served.forTests(async (folders) => {
    const echo = watGuest({ exports: { get: ECHO_AS_ERROR, set: ECHO } });
    await folders.addPlugin('echo', echo);
  });
  let client: StateClient;

  before(async () => {
    client = await served.open('echo');
  });

  /** Makes the guest answer Get with an error of this text. */
  const fail = (text: string): Promise<unknown> => client.call('Get', Buffer.from(text));

  for (const { title, error, status } of [
    {
      title: 'an etag mismatch',
      error: { code: 'FAILED_PRECONDITION', reason: 'ETAG_MISMATCH', message: 'it differs' },
      status: {
        code: 'FAILED_PRECONDITION',
        message: 'it differs',
        details: etagViolation('it differs'),
      },
    },
    {
      title: 'an etag mismatch under another code, which daprd would not take for one',
      error: { code: 'ABORTED', reason: 'ETAG_MISMATCH', message: 'it differs' },
      status: {
        code: 'FAILED_PRECONDITION',
        message: 'it differs',
        details: etagViolation('it differs'),
      },
    },
    {
      title: 'an invalid etag',
      error: { code: 'INVALID_ARGUMENT', reason: 'ETAG_INVALID', message: 'no etag' },
      status: { code: 'INVALID_ARGUMENT', message: 'no etag', details: etagViolation('no etag') },
    },
    {
      title: 'a row mismatch',
      error: {
        code: 'INTERNAL',
        reason: 'ROW_MISMATCH',
        message: 'rows',
        expected: 3,
        affected: 0,
      },
      status: {
        code: 'INTERNAL',
        message: 'rows',
        details: errorInfo('ROW_MISMATCH', { expected: '3', affected: '0' }),
      },
    },
    {
      title: 'a kit error',
      error: {
        code: 'RESOURCE_EXHAUSTED',
        reason: 'KIT_ERROR',
        message: 'no tea',
        httpCode: 418,
        tag: 'ERR_TEA',
      },
      status: {
        code: 'RESOURCE_EXHAUSTED',
        message: 'no tea',
        details: errorInfo('ERR_TEA', { kit_error: 'true', http_code: '418', tag: 'ERR_TEA' }),
      },
    },
    {
      title: 'a code without a reason',
      error: { code: 'NOT_FOUND', message: 'nothing there' },
      status: { code: 'NOT_FOUND', message: 'nothing there', details: [] },
    },
    {
      title: 'a message of many languages and lines',
      error: { code: 'ABORTED', message: 'два\nзначения 値 🗝️ 100 %' },
      status: { code: 'ABORTED', message: 'два\nзначения 値 🗝️ 100 %', details: [] },
    },
    {
      title: 'an etag mismatch whose message is not ASCII',
      error: { code: 'FAILED_PRECONDITION', reason: 'ETAG_MISMATCH', message: 'etag 値' },
      status: {
        code: 'FAILED_PRECONDITION',
        message: 'etag 値',
        details: etagViolation('etag 値'),
      },
    },
  ]) {
    it(`arrive as daprd reads them: ${title}`, async () => {
      await assert.rejects(fail(JSON.stringify(error)), { name: 'RpcError', ...status });
    });
  }

  for (const { title, text } of [
    { title: 'plain text', text: 'the disk is full' },
    { title: 'text that only begins like JSON', text: '{ is not the beginning of JSON' },
    { title: 'JSON of another shape', text: '{"error":"something"}' },
    { title: 'a code that gRPC has not', text: '{"code":"TEAPOT","message":"x"}' },
    { title: 'OK as a code', text: '{"code":"OK","message":"x"}' },
    { title: 'a kit error without its HTTP code', text: '{"code":"ABORTED","reason":"KIT_ERROR"}' },
  ]) {
    it(`arrive as UNKNOWN with their whole text: ${title}`, async () => {
      await assert.rejects(fail(text), { code: 'UNKNOWN', message: text, details: [] });
    });
  }

  it('have a text of the host where the guest gives none', async () => {
    const empty = client.call('Get', Buffer.of(0));
    await assert.rejects(empty, { code: 'UNKNOWN', message: '\0' });
    await assert.rejects(fail(''), {
      code: 'UNKNOWN',
      message: /reported an error without a text/,
    });
  });

  for (const { title, text } of [
    { title: 'a text of 60 000 characters', text: 'x'.repeat(60_000) },
    { title: 'a text of 60 000 characters that are not ASCII', text: '値'.repeat(60_000) },
    {
      title: 'an etag mismatch with such a message',
      text: JSON.stringify({
        code: 'ABORTED',
        reason: 'ETAG_MISMATCH',
        message: '値'.repeat(20_000),
      }),
    },
    {
      title: 'a kit error with such a tag too',
      text: JSON.stringify({
        code: 'UNKNOWN',
        reason: 'KIT_ERROR',
        message: '値'.repeat(10_000),
        httpCode: 500,
        tag: '値'.repeat(10_000),
      }),
    },
  ]) {
    it(`are cut where a header could not carry them, and the connection goes on: ${title}`, async () => {
      await assert.rejects(fail(text), (error: { code: string; message: string }) => {
        assert.ok(['UNKNOWN', 'FAILED_PRECONDITION'].includes(error.code), error.code);
        assert.ok(/^[x値]{1000,} \[cut\]$/.test(error.message), error.message.slice(-100));
        return true;
      });
      await client.set('key', 'value');
      assert.ok(client.isConnected);
    });
  }
});

describe("a Go guest's errors over the socket", () => {
  const served = Served.forTests(async function (folders) {
    needGuest(this, 'go-dapr');
    const limits = { memory: '512MiB' };
    await folders.addPlugin('go-dapr', guestModule('go-dapr'), { state: 'guest', limits });
  });
  let client: StateClient;

  before(async () => {
    client = await served.open('go-dapr');
  });

  const calls: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    Get: (key) => client.get(key),
    Set: (key) => client.set(key, 'value'),
    Delete: (key) => client.delete(key),
    BulkSet: (key) =>
      client.bulkSet([
        { key: 'before', value: 'x' },
        { key, value: 'x' },
      ]),
    BulkDelete: (key) => client.bulkDelete([{ key: 'before' }, { key }]),
  };
  for (const [method, call] of Object.entries(calls)) {
    it(`arrive from ${method}, each as what it is`, async () => {
      await assert.rejects(call('app||etag-mismatch'), {
        code: 'FAILED_PRECONDITION',
        details: etagViolation('etag of app||etag-mismatch differs'),
      });
      await assert.rejects(call('app||etag-invalid'), {
        code: 'INVALID_ARGUMENT',
        details: etagViolation('not an etag: none'),
      });
      await assert.rejects(call('app||row-mismatch'), {
        code: 'INTERNAL',
        details: errorInfo('ROW_MISMATCH', { expected: '3', affected: '2' }),
      });
      await assert.rejects(call('app||kit-error'), {
        code: 'RESOURCE_EXHAUSTED',
        message: 'out of tea',
        details: errorInfo('ERR_TEA', { kit_error: 'true', http_code: '418', tag: 'ERR_TEA' }),
      });
      await assert.rejects(call('app||not-found'), { code: 'NOT_FOUND', details: [] });
      await assert.rejects(call('app||error:some text'), {
        code: 'UNKNOWN',
        message: 'some text',
        details: [],
      });
    });
  }

  it('arrive from Transact, with nothing applied', async () => {
    await client.set('kept', 'before');
    const refused = client.transact([
      { operation: 'set', key: 'kept', value: 'after' },
      { operation: 'delete', key: 'kept', etag: { value: '999999' } },
    ]);
    await assert.rejects(refused, { code: 'FAILED_PRECONDITION' });
    assert.equal(await client.text('kept'), 'before');
  });

  it('stand in their item where BulkGet reads several keys', async () => {
    await client.set('good', 'value');
    const items = await client.bulkGet(['app||error:bad luck', 'good']);
    assert.deepEqual(
      items.map(({ key, data, error }) => [key, data.toString(), error]),
      [
        ['app||error:bad luck', '', 'bad luck'],
        ['good', 'value', ''],
      ],
    );
  });

  it('are INTERNAL where the guest itself broke, and the next call works', async () => {
    await assert.rejects(client.get('app||panic'), { code: 'INTERNAL', message: /trapped/ });
    await assert.rejects(client.get('app||exit'), { code: 'INTERNAL', message: /exit code 3/ });
    await client.set('key', 'value');
    assert.equal(await client.text('key'), 'value');
    const lost = served.process.logLines({ level: 'error', msg: /state that it held is lost/ });
    assert.deepEqual(
      lost.map((line) => line['losses']),
      [1, 2],
    );
    assert.match(String(lost[0]?.['error']), /panic/);
  });
});

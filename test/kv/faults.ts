import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { KvSettings } from '../../src/config/kv-settings.ts';
import { WasmstateError } from '../../src/error.ts';
import type {
  CommitResponse,
  GetResponse,
  ScanResponse,
} from '../../src/gen/wasmstate/kv/v1/kv.ts';
import { createKeyspaces, type Keyspaces } from '../../src/kv/keyspaces.ts';
import { freePort } from '../servers/free-port.ts';
import { requireProgram } from '../servers/require-program.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import { Client, faultOf, put, within } from './client.ts';
import { CuttingProxy, type CarriesMessage, type Cut } from './cutting-proxy.ts';

/** An engine on a server of its own that these tests may mistreat. */
export interface FaultySubject {
  readonly program: Parameters<typeof requireProgram>[1];
  /** One that wants `PASSWORD`. */
  readonly start: () => Promise<FaultyServer>;
  readonly settings: (port: number, password: string) => KvSettings;
  /** Where its protocol has more on the wire than requests and answers. */
  readonly carries?: CarriesMessage;
}

export interface FaultyServer {
  readonly port: number;
  readonly process: ServerProcess;
  readonly close: () => Promise<void>;
}

export const PASSWORD = 'right-Pa55word';

function assertFault(
  response: CommitResponse | GetResponse | ScanResponse,
  faults: string[],
): void {
  assert.ok(
    faults.includes(faultOf(response) ?? 'success'),
    `${faultOf(response)}: ${response.error?.message}`,
  );
}

/** Registers what happens on an engine when its server or the way there fails. */
export function describeFaults({ program, start, settings, carries }: FaultySubject): void {
  let server: FaultyServer;
  let keyspaces: Keyspaces;

  const open = async (port: number, component: string, password = PASSWORD): Promise<Client> =>
    new Client(await keyspaces.open(settings(port, password), { plugin: 'faults', component }));

  /** Calls until one succeeds, as callers do when they are told to come again. */
  const untilServed = async (
    kv: Client,
    key: string,
    value: string,
    patience = 5000,
  ): Promise<void> => {
    let last: unknown;
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const response = await kv.tryCommit([put(key, value)], [], within(patience));
      if (response.error === undefined) return;
      last = response.error.message;
      await pause(50);
    }
    assert.fail(`never served again: ${String(last)}`);
  };

  const openFailure = async (port: number, password = PASSWORD): Promise<WasmstateError> => {
    try {
      await open(port, 'never', password);
    } catch (error) {
      assert.ok(error instanceof WasmstateError, String(error));
      assert.doesNotMatch(`${error.message} ${String(error.cause)}`, /Pa55word/);
      return error;
    }
    return assert.fail('it opened');
  };

  before(async function () {
    this.timeout(40_000);
    requireProgram(this, program);
    server = await start();
  });
  beforeEach(() => {
    keyspaces = createKeyspaces({ dataFolder: '/nonexistent' });
  });
  afterEach(() => keyspaces.close());
  after(() => server?.close());

  it('answers while the server is down, and serves when it is back with all it acknowledged', async function () {
    this.timeout(40_000);
    const kv = await open(server.port, 'killed');
    await kv.commit([put('before', '1')]);
    const under = Array.from({ length: 8 }, (_, index) =>
      kv.tryCommit([put(`k${index}`, '1')], [], within(5000)),
    );
    await server.process.kill();
    const outcomes = await Promise.all(under);
    for (const outcome of outcomes) {
      if (outcome.error !== undefined) assertFault(outcome, ['UNKNOWN_OUTCOME', 'UNAVAILABLE']);
    }
    const down = await kv.tryGet(['before'], within(4000));
    assertFault(down, ['UNAVAILABLE']);
    assert.doesNotMatch(down.error?.message ?? '', /Pa55word/);
    const refused = await kv.tryCommit([put('down', '1')], [], within(4000));
    assertFault(refused, ['UNAVAILABLE']);
    await server.process.start();
    await untilServed(kv, 'after', '1');
    assert.equal(await kv.text('before'), '1');
    assert.equal(await kv.text('down'), undefined);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.error === undefined) assert.equal(await kv.text(`k${index}`), '1');
    }
  });

  const cuts: [Cut, boolean][] = [
    ['before the server', false],
    ['after the server', true],
  ];
  for (const [where, happened] of cuts) {
    it(`says that nobody knows of a commit whose connection was cut ${where}, and goes on`, async () => {
      const proxy = await CuttingProxy.start(server.port, carries);
      try {
        const kv = await open(proxy.port, where);
        await kv.commit([put('a', '1'), put('b', '1')]);
        proxy.cutNext(where);
        const lost = await kv.tryCommit([put('a', '2'), put('b', '2')], [], within(5000));
        assertFault(lost, ['UNKNOWN_OUTCOME']);
        await untilServed(kv, 'c', '1');
        const now = happened ? '2' : '1';
        assert.deepEqual([await kv.text('a'), await kv.text('b')], [now, now]);
      } finally {
        await proxy.close();
      }
    });

    it(`reads again where the connection was cut ${where}`, async () => {
      const proxy = await CuttingProxy.start(server.port, carries);
      try {
        const kv = await open(proxy.port, `read ${where}`);
        await kv.commit([put('a', '1')]);
        proxy.cutNext(where);
        assert.equal((await kv.tryGet(['a'], within(5000))).entries[0]?.value.toString(), '1');
        proxy.cutNext(where);
        assert.equal((await kv.tryScan({}, within(5000))).entries.length, 1);
      } finally {
        await proxy.close();
      }
    });
  }

  it('does not wait for a server that hangs, and serves when it goes on', async function () {
    this.timeout(40_000);
    const kv = await open(server.port, 'hangs');
    await kv.commit([put('a', '1')]);
    await server.process.pause();
    try {
      // The answers come while the server still hangs: it goes on only below.
      const late = await Promise.all([
        kv.tryGet(['a'], within(200)),
        kv.tryCommit([put('a', '2'), put('b', '2')], [], within(200)),
        kv.tryScan({}, within(200)),
      ]);
      for (const response of late) assertFault(response, ['DEADLINE_EXCEEDED']);
      const gone = new AbortController();
      const aborted = kv.tryCommit([put('a', '3'), put('b', '3')], [], {
        deadline: Infinity,
        signal: gone.signal,
      });
      gone.abort();
      assertFault(await aborted, ['DEADLINE_EXCEEDED']);
    } finally {
      server.process.continue();
    }
    await untilServed(kv, 'c', '1');
    const [a, b] = await kv.get('a', 'b');
    assert.equal(a?.value.toString(), b?.found === true ? b.value.toString() : '1');
  });

  it('gives up a connection on which nothing comes back, and serves on a new one', async () => {
    const proxy = await CuttingProxy.start(server.port);
    try {
      const kv = await open(proxy.port, 'silent');
      await Promise.all([kv.commit([put('a', '1')]), kv.keys()]);
      proxy.muteAll();
      const late = await kv.tryCommit([put('a', '2')], [], within(200));
      assertFault(late, ['DEADLINE_EXCEEDED']);
      await untilServed(kv, 'b', '1', 300);
      assert.equal((await kv.tryGet(['b'], within(5000))).entries[0]?.found, true);
    } finally {
      await proxy.close();
    }
  });

  it('says that the password is wrong', async () => {
    const error = await openFailure(server.port, 'wrong-Pa55word');
    assert.equal(error.code, 'CONFIG_INVALID', error.message);
    assert.match(error.message, /password/);
  });

  it('says that nothing listens', async () => {
    const error = await openFailure(await freePort());
    assert.equal(error.code, 'UNAVAILABLE', error.message);
    assert.match(error.message, /127\.0\.0\.1:\d+/);
  });

  it('says that something listens which never answers', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    try {
      const error = await openFailure((mute.address() as AddressInfo).port);
      assert.equal(error.code, 'UNAVAILABLE', error.message);
    } finally {
      mute.close();
      for (const socket of sockets) socket.destroy();
    }
  });
}

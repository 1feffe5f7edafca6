import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { mock } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client as Connection } from 'pg';
import { Lanes, NotSent, type PostgresSettings } from '../../src/kv/postgres/lanes.ts';
import { PostgresLink } from '../../src/kv/postgres/link.ts';
import { startPostgres, type PostgresServer } from '../servers/postgres.ts';
import { requireProgram } from '../servers/require-program.ts';

/** Passes connections on, and lets one stall, still open, where its client says some word. */
class StallingProxy {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #word: string | undefined;
  #onStall = (): void => undefined;
  #goOn = (): void => undefined;

  private constructor(target: number) {
    this.#server = createServer((client) => this.#accept(client, connect(target, '127.0.0.1')));
  }

  static async start(target: number): Promise<StallingProxy> {
    const proxy = new StallingProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The first connection whose client says the word stalls there, once; resolves when it does. */
  stallAt(word: string): Promise<void> {
    this.#word = word;
    return new Promise((resolve) => {
      this.#onStall = resolve;
    });
  }

  /** What stalled passes on. */
  goOn(): void {
    this.#goOn();
  }

  /** Resolves when no connection is left. */
  async empty(): Promise<void> {
    for (const socket of this.#open) {
      // Unlike `once` of node:events also where it breaks first.
      await new Promise((resolve) => socket.once('close', resolve));
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(socket);
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes: Buffer) => {
      if (this.#word === undefined || !bytes.includes(this.#word)) {
        server.write(bytes);
        return;
      }
      this.#word = undefined;
      client.pause();
      this.#goOn = () => {
        server.write(bytes);
        client.resume();
      };
      this.#onStall();
    });
    server.on('data', (bytes: Buffer) => client.write(bytes));
  }
}

describe('the connections of the postgres engine', () => {
  let server: PostgresServer;
  let proxy: StallingProxy;
  let lanes: Lanes;

  const settings = (port: number, connections: number): PostgresSettings => ({
    engine: 'postgres',
    url: server.url.replace(String(server.port), String(port)),
    schema: 'wasmstate',
    connections,
  });
  const ask = async (from: Lanes): Promise<unknown> => {
    const { rows } = await from.use((client) => client.query('SELECT 42 AS answer'));
    return rows[0];
  };
  const ANSWER = { answer: 42 };

  before(async function () {
    requireProgram(this, 'postgres');
    this.timeout(40_000);
    server = await startPostgres('connections');
  });
  beforeEach(async () => {
    proxy = await StallingProxy.start(server.port);
    lanes = new Lanes(settings(proxy.port, 1));
  });
  afterEach(async () => {
    await proxy?.close();
    await lanes?.close();
  });
  after(() => server?.close());

  it('are given up where statements get no answer, and others are made', async () => {
    assert.deepEqual(await ask(lanes), ANSWER);
    const stalled = proxy.stallAt('SELECT 42');
    await assert.rejects(ask(lanes), /no answer came in time/);
    await stalled;
    assert.deepEqual(await ask(lanes), ANSWER);
  });

  const stages: Record<string, string> = {
    'before it knows the user': 'application_name',
    'before it knows the password': 'SCRAM-SHA-256',
    'at the first query': 'enable_seqscan',
  };
  for (const [stage, word] of Object.entries(stages)) {
    it(`are given up where the server falls silent ${stage}, and others are made`, async () => {
      const stalled = proxy.stallAt(word);
      await assert.rejects(ask(lanes), NotSent);
      await stalled;
      assert.deepEqual(await ask(lanes), ANSWER);
    });

    it(`do not stay when all close while one is made, ${stage}`, async () => {
      const stalled = proxy.stallAt(word);
      const asked = assert.rejects(ask(lanes), NotSent);
      await stalled;
      await lanes.close();
      proxy.goOn();
      await asked;
      await proxy.empty();
    });
  }

  it('are left to calls but for one while expired rows cannot be deleted', async () => {
    const admin = new Connection({ connectionString: server.url });
    await admin.connect();
    // The looks for expired rows are 5 s apart.
    mock.timers.enable({ apis: ['setInterval'] });
    const link = await PostgresLink.open(settings(server.port, 2));
    try {
      await admin.query('BEGIN');
      await admin.query('LOCK TABLE wasmstate.entry');
      mock.timers.tick(5000);
      const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation'";
      while ((await admin.query(waiting)).rowCount === 0) await pause(5);
      mock.timers.tick(5000);
      assert.deepEqual(await ask(link.lanes), ANSWER);
    } finally {
      mock.timers.reset();
      await link.close();
      await admin.end();
    }
  });
});

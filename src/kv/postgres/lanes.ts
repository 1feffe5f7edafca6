import { Client, type QueryConfig } from 'pg';
import { isStandby } from './errors.ts';
import type { EngineSettings } from '../../config/kv-settings.ts';

/** Ms for one connection to come about. */
const CONNECT_TIMEOUT = 1500;

/** Ms after its last caller has gone that a statement may still take before it is given up. */
const DEAD_AFTER = 1000;

export type PostgresSettings = EngineSettings<'postgres'>;

/** A statement that reached no server. */
export class NotSent extends Error {
  constructor(cause: unknown) {
    super('no connection', { cause });
  }
}

/** Up to a number of connections, made when they are needed, with one statement at a time each. */
export class Lanes {
  readonly #settings: PostgresSettings;
  readonly #idle: Client[] = [];
  readonly #all = new Set<Client>();
  readonly #queue: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#settings.connections;
  }

  /**
   * Runs a statement on a free connection and gives its rows. Fails with NotSent where none can
   * be had, else as the server or the broken connection does. A connection whose statement
   * nobody waits for any more is closed after a while.
   */
  async query<R extends object>(statement: QueryConfig, deserted?: AbortSignal): Promise<R[]> {
    return this.use((client) => client.query<R>(statement).then(({ rows }) => rows), deserted);
  }

  /** As `query`, for several statements on one connection. */
  async use<T>(run: (client: Client) => Promise<T>, deserted?: AbortSignal): Promise<T> {
    await this.#turn();
    let client: Client | undefined;
    let timer: NodeJS.Timeout | undefined;
    const giveUp = (): void => {
      timer = setTimeout(() => this.#drop(client), DEAD_AFTER).unref();
    };
    try {
      client = this.#idle.pop() ?? (await this.#connect());
      deserted?.addEventListener('abort', giveUp);
      if (deserted?.aborted === true) giveUp();
      return await run(client);
    } catch (error) {
      // Its name may lead to the new primary by now.
      if (isStandby(error)) this.#drop(client);
      throw error;
    } finally {
      clearTimeout(timer);
      deserted?.removeEventListener('abort', giveUp);
      if (client !== undefined && this.#all.has(client)) this.#idle.push(client);
      const next = this.#queue.shift();
      // The turn goes to whoever waits longest, so that no newcomer takes it first.
      if (next === undefined) this.#taken -= 1;
      else next();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const clients = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }

  async #turn(): Promise<void> {
    if (this.#taken < this.size) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  async #connect(): Promise<Client> {
    if (this.#closed) throw new NotSent(new Error('closed'));
    const client = new Client({
      connectionString: withCredentials(this.#settings),
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      keepAlive: true,
      application_name: 'wasmstate',
    });
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    try {
      await client.connect();
      // Plans are made while tables are small and kept when they have grown.
      await client.query('SET enable_seqscan = off');
    } catch (error) {
      void client.end().catch(() => undefined);
      throw new NotSent(error);
    }
    this.#all.add(client);
    return client;
  }

  #drop(client: Client | undefined): void {
    if (client === undefined || !this.#all.delete(client)) return;
    const at = this.#idle.indexOf(client);
    if (at >= 0) this.#idle.splice(at, 1);
    void client.end().catch(() => undefined);
  }
}

function withCredentials({ url, username, password }: PostgresSettings): string {
  const parsed = new URL(url);
  if (username !== undefined) parsed.username = encodeURIComponent(username);
  if (password !== undefined) parsed.password = encodeURIComponent(password);
  return parsed.href;
}

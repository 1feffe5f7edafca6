import { Client } from 'pg';
import { isStandby } from './errors.ts';
import { Execution, type Parameter, type Statement, type TextRow } from './execution.ts';
import type { EngineSettings } from '../../config/kv-settings.ts';

/** Ms for one connection to come about. */
const CONNECT_TIMEOUT = 1500;

/** Looks, LOOK_INTERVAL ms apart, at a statement that nobody waits for before it is given up. */
const LOOKS = 4;
const LOOK_INTERVAL = 250;

/** What each connection is told first, in one round trip. */
const SESSION = [
  // Plans are made while tables are small and kept when they have grown.
  'SET enable_seqscan = off',
  // Else a get of several keys is planned anew each time, which takes the server longer than the
  // get itself. PostgreSQL 11, and YugabyteDB with it, have no such setting.
  `SELECT set_config(name, 'force_generic_plan', false) FROM pg_settings
   WHERE name = 'plan_cache_mode'`,
  // As rows.ts reads it.
  'SET bytea_output = hex',
].join('; ');

export type PostgresSettings = EngineSettings<'postgres'>;

/** Those who wait for a statement. */
export interface Callers {
  /** All have gone. */
  readonly aborted: boolean;
}

/** A statement that reached no server. */
export class NotSent extends Error {
  constructor(cause: unknown) {
    super('no connection', { cause });
  }
}

/** One connection, and who waits for what runs on it. */
interface Lane {
  readonly client: Client;
  callers: Callers | undefined;
  /** How often it was seen with a statement that nobody waits for. */
  deserted: number;
}

/** Up to a number of connections, made when they are needed, with one statement at a time each. */
export class Lanes {
  readonly #settings: PostgresSettings;
  readonly #idle: Lane[] = [];
  readonly #all = new Set<Lane>();
  readonly #queue: (() => void)[] = [];
  #taken = 0;
  #closed = false;
  /** Runs while statements do: a timer for each would cost more than what it watches. */
  #watch: NodeJS.Timeout | undefined;

  constructor(settings: PostgresSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#settings.connections;
  }

  /**
   * Runs a statement on a free connection and gives its rows. Fails with NotSent where none can
   * be had, else as the server or the broken connection does. A connection whose statement
   * nobody waits for any more is closed after a second.
   */
  query<R extends TextRow>(
    statement: Statement,
    values: readonly Parameter[],
    callers?: Callers,
  ): Promise<readonly R[]> {
    return (
      this.queryAtOnce<R>(statement, values, callers) ??
      this.#lane().then((lane) => this.#execute<R>(lane, statement, values, callers))
    );
  }

  /** As `query`, where a connection is free; else nothing happens. */
  queryAtOnce<R extends TextRow>(
    statement: Statement,
    values: readonly Parameter[],
    callers?: Callers,
  ): Promise<readonly R[]> | undefined {
    const lane = this.#taken < this.size ? this.#idle.pop() : undefined;
    if (lane === undefined) return undefined;
    this.#taken += 1;
    return this.#execute(lane, statement, values, callers);
  }

  /** Runs several statements on one connection. Fails as `query` does. */
  async use<T>(run: (client: Client) => Promise<T>): Promise<T> {
    const lane = await this.#lane();
    try {
      return await run(lane.client);
    } catch (error) {
      if (isStandby(error)) this.#drop(lane);
      throw error;
    } finally {
      this.#release(lane);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    const lanes = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    await Promise.all(lanes.map(({ client }) => client.end().catch(() => undefined)));
  }

  #execute<R extends TextRow>(
    lane: Lane,
    statement: Statement,
    values: readonly Parameter[],
    callers: Callers | undefined,
  ): Promise<readonly R[]> {
    lane.callers = callers;
    this.#watch ??= setInterval(() => this.#look(), LOOK_INTERVAL).unref();
    return new Promise((resolve, reject) => {
      const done = (rows: readonly TextRow[]): void => {
        this.#release(lane);
        resolve(rows as readonly R[]);
      };
      const failed = (error: Error): void => {
        // Its name may lead to the new primary by now.
        if (isStandby(error)) this.#drop(lane);
        this.#release(lane);
        reject(error);
      };
      lane.client.query(new Execution(statement, values, done, failed));
    });
  }

  /** A connection for the caller alone, who has to give it back. */
  async #lane(): Promise<Lane> {
    if (this.#taken < this.size) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    const lane = this.#idle.pop();
    if (lane !== undefined) return lane;
    try {
      return await this.#connect();
    } catch (error) {
      this.#pass();
      throw error;
    }
  }

  #release(lane: Lane): void {
    lane.callers = undefined;
    lane.deserted = 0;
    if (this.#all.has(lane)) this.#idle.push(lane);
    this.#pass();
  }

  /** The turn goes to whoever waits longest, so that no newcomer takes it first. */
  #pass(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  async #connect(): Promise<Lane> {
    if (this.#closed) throw new NotSent(new Error('closed'));
    const client = new Client({
      connectionString: withCredentials(this.#settings),
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      keepAlive: true,
      application_name: 'wasmstate',
    });
    const lane: Lane = { client, callers: undefined, deserted: 0 };
    client.on('error', () => this.#drop(lane));
    client.on('end', () => this.#drop(lane));
    try {
      await client.connect();
      await client.query(SESSION);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw new NotSent(error);
    }
    this.#all.add(lane);
    return lane;
  }

  /** Gives up what nobody has waited for in a while: perhaps no answer comes on it any more. */
  #look(): void {
    if (this.#taken === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    for (const lane of this.#all) {
      if (lane.callers?.aborted === true) lane.deserted += 1;
      if (lane.deserted === LOOKS) this.#drop(lane);
    }
  }

  #drop(lane: Lane): void {
    if (!this.#all.delete(lane)) return;
    const at = this.#idle.indexOf(lane);
    if (at >= 0) this.#idle.splice(at, 1);
    void lane.client.end().catch(() => undefined);
  }
}

function withCredentials({ url, username, password }: PostgresSettings): string {
  const parsed = new URL(url);
  if (username !== undefined) parsed.username = encodeURIComponent(username);
  if (password !== undefined) parsed.password = encodeURIComponent(password);
  return parsed.href;
}

import { Client } from 'pg';
import { isStandby } from './errors.ts';
import { Execution, type Parameter, type Statement, type TextRow } from './execution.ts';
import type { EngineSettings } from '../../config/kv-settings.ts';

/** Looks, LOOK_INTERVAL ms apart, at a connection that nobody waits for before it is given up. */
const LOOKS = 4;
const LOOK_INTERVAL = 250;

/** Ms that anybody waits for a new connection, and for all that `use` runs on one. */
const CONNECT_PATIENCE = 750;
const USE_PATIENCE = 3000;

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

/** Those who wait for what a connection does; where it is no call, a timeout stands for them. */
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

/** One connection, and who waits for what it does. */
interface Lane {
  readonly client: Client;
  /** undefined: it is idle. */
  callers: Callers | undefined;
  /** How often it was seen with something to do that nobody waits for. */
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
  /** Runs while connections are taken: a timer for each would cost more than what it watches. */
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
    callers: Callers,
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
    callers: Callers,
  ): Promise<readonly R[]> | undefined {
    const lane = this.#taken < this.size ? this.#idle.pop() : undefined;
    if (lane === undefined) return undefined;
    this.#taken += 1;
    return this.#execute(lane, statement, values, callers);
  }

  /**
   * Runs several statements on one connection, which is closed where they take longer than some
   * seconds. Fails as `query` does.
   */
  async use<T>(run: (client: Client) => Promise<T>): Promise<T> {
    const lane = await this.#lane();
    this.#hold(lane, AbortSignal.timeout(USE_PATIENCE));
    try {
      return await run(lane.client);
    } catch (error) {
      if (isStandby(error)) void this.#drop(lane);
      throw error;
    } finally {
      this.#release(lane);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await Promise.all([...this.#all].map((lane) => this.#drop(lane)));
  }

  #execute<R extends TextRow>(
    lane: Lane,
    statement: Statement,
    values: readonly Parameter[],
    callers: Callers,
  ): Promise<readonly R[]> {
    this.#hold(lane, callers);
    return new Promise((resolve, reject) => {
      const done = (rows: readonly TextRow[]): void => {
        this.#release(lane);
        resolve(rows as readonly R[]);
      };
      const failed = (error: Error): void => {
        // Its name may lead to the new primary by now.
        if (isStandby(error)) void this.#drop(lane);
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

  /** From now on the connection has something to do, for which `callers` wait. */
  #hold(lane: Lane, callers: Callers): void {
    lane.callers = callers;
    lane.deserted = 0;
    this.#watch ??= setInterval(() => this.#look(), LOOK_INTERVAL).unref();
  }

  #release(lane: Lane): void {
    lane.callers = undefined;
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
      keepAlive: true,
      application_name: 'wasmstate',
    });
    const lane: Lane = { client, callers: undefined, deserted: 0 };
    client.on('error', () => void this.#drop(lane));
    client.on('end', () => void this.#drop(lane));
    this.#all.add(lane);
    this.#hold(lane, AbortSignal.timeout(CONNECT_PATIENCE));
    try {
      await client.connect();
      await client.query(SESSION);
      return lane;
    } catch (error) {
      void this.#drop(lane);
      throw new NotSent(error);
    }
  }

  /** Gives up what nobody has waited for in a while: perhaps no answer comes on it any more. */
  #look(): void {
    if (this.#taken === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
    for (const lane of this.#all) {
      if (lane.callers?.aborted === true) lane.deserted += 1;
      if (lane.deserted === LOOKS) void this.#drop(lane, 'no answer came in time');
    }
  }

  /** Closes a connection. What it does fails, for the reason given. */
  async #drop(lane: Lane, why = 'closed'): Promise<void> {
    if (!this.#all.delete(lane)) return;
    const { client, callers } = lane;
    const at = this.#idle.indexOf(lane);
    if (at >= 0) this.#idle.splice(at, 1);
    // Where pg still connects, its `end` would leave whoever waits for that waiting for ever.
    if (callers !== undefined) client.connection.stream.destroy(new Error(why));
    else await client.end().catch(() => undefined);
  }
}

function withCredentials({ url, username, password }: PostgresSettings): string {
  const parsed = new URL(url);
  if (username !== undefined) parsed.username = encodeURIComponent(username);
  if (password !== undefined) parsed.password = encodeURIComponent(password);
  return parsed.href;
}

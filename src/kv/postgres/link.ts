import { openedInTime } from '../in-time.ts';
import { openFailed } from './errors.ts';
import type { Parameter, Statement, TextRow } from './execution.ts';
import { Lanes, NotSent, type Callers, type PostgresSettings } from './lanes.ts';
import { install, keyspaceId, statements } from './schema.ts';

/** Ms between looks for expired rows, and rows deleted at a time. */
const RECLAIM_INTERVAL = 5000;
const RECLAIM_SLICE = 500;

/** The connections to one schema of one database, and what keeps it in order. */
export class PostgresLink {
  /** Names the database in errors, without credentials. */
  readonly where: string;
  readonly statements: ReturnType<typeof statements>;
  readonly lanes: Lanes;
  readonly #schema: string;
  readonly #reclaimer: NodeJS.Timeout;
  #reclaiming = false;

  private constructor(settings: PostgresSettings) {
    const { host, pathname } = new URL(settings.url);
    this.where = `postgres at ${host}${pathname}`;
    this.lanes = new Lanes(settings);
    this.#schema = settings.schema;
    this.statements = statements(settings.schema);
    this.#reclaimer = setInterval(() => void this.#reclaim(), RECLAIM_INTERVAL).unref();
  }

  /**
   * Connects and makes the schema where there is none. Fails within some seconds with
   * CONFIG_INVALID or UNAVAILABLE.
   */
  static async open(settings: PostgresSettings): Promise<PostgresLink> {
    const link = new PostgresLink(settings);
    try {
      const installed = link.lanes.use((client) => install(client, settings.schema));
      await openedInTime(installed, link.where);
    } catch (error) {
      await link.close();
      throw openFailed(link.where, error instanceof NotSent ? error.cause : error);
    }
    return link;
  }

  /** What the keyspace of that name is known by to the statements. */
  async keyspace(name: string): Promise<string> {
    try {
      const id = this.lanes.use((client) => keyspaceId(client, this.#schema, name));
      return await openedInTime(id, this.where);
    } catch (error) {
      throw openFailed(this.where, error instanceof NotSent ? error.cause : error);
    }
  }

  query<R extends TextRow>(
    statement: Statement,
    values: readonly Parameter[],
    callers: Callers,
  ): Promise<readonly R[]> {
    return this.lanes.query<R>(statement, values, callers);
  }

  async close(): Promise<void> {
    clearInterval(this.#reclaimer);
    await this.lanes.close();
  }

  /** Gives back the space of expired rows of all keyspaces, a slice at a time. */
  async #reclaim(): Promise<void> {
    // One at a time: where the server is slow they would take one connection after the other.
    if (this.#reclaiming) return;
    this.#reclaiming = true;
    const { reclaim } = this.statements;
    try {
      for (let full = true; full;) {
        const rowCount = await this.lanes.use(
          async (client) => (await client.query({ ...reclaim, values: [RECLAIM_SLICE] })).rowCount,
        );
        full = rowCount === RECLAIM_SLICE;
      }
    } catch {
      // The next look tries again; calls report for themselves what is wrong.
    } finally {
      this.#reclaiming = false;
    }
  }
}

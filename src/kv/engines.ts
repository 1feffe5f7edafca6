import { join, resolve } from 'node:path';
import type { KvSettings } from '../config/kv-settings.ts';
import type { Keyspace } from './contract.ts';
import type { EtcdLink } from './etcd/link.ts';
import type { PostgresLink } from './postgres/link.ts';
import type { RedisLink } from './redis/link.ts';
import { Shared } from './shared.ts';

/**
 * Opens keyspaces on the engines. Each engine is imported when it is first used, so that a
 * thread loads no client library that it does not need; keyspaces share connections.
 */
export class Engines {
  readonly #dataFolder: string;
  readonly #redis = new Shared<RedisLink>();
  readonly #postgres = new Shared<PostgresLink>();
  readonly #etcd = new Shared<EtcdLink>();

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** `name` is the keyspace's, as keyspaceName gives it. */
  async open(settings: KvSettings, name: string): Promise<Keyspace> {
    const { share: _, ...engine } = settings;
    switch (engine.engine) {
      case 'memory': {
        const { MemoryKeyspace } = await import('./memory/keyspace.ts');
        return new MemoryKeyspace();
      }
      case 'sqlite': {
        const { SqliteKeyspace } = await import('./sqlite/keyspace.ts');
        const { openDatabase } = await import('./sqlite/open.ts');
        const file = join(resolve(this.#dataFolder, engine.path), `${name}.sqlite`);
        return new SqliteKeyspace(await openDatabase(file, engine), file);
      }
      case 'redis': {
        const { RedisKeyspace } = await import('./redis/keyspace.ts');
        const { RedisLink } = await import('./redis/link.ts');
        const { prefix, ...server } = engine;
        const lease = await this.#redis.acquire(JSON.stringify(server), () =>
          RedisLink.open(engine),
        );
        return RedisKeyspace.open(lease, prefix, name);
      }
      case 'postgres': {
        const { PostgresKeyspace } = await import('./postgres/keyspace.ts');
        const { PostgresLink } = await import('./postgres/link.ts');
        const lease = await this.#postgres.acquire(JSON.stringify(engine), () =>
          PostgresLink.open(engine),
        );
        try {
          return new PostgresKeyspace(lease, await lease.value.keyspace(name));
        } catch (error) {
          await lease.release();
          throw error;
        }
      }
      case 'etcd': {
        const { EtcdKeyspace } = await import('./etcd/keyspace.ts');
        const { EtcdLink } = await import('./etcd/link.ts');
        const { url, username, password, prefix } = engine;
        const lease = await this.#etcd.acquire(
          JSON.stringify({ url, username, password, prefix }),
          () => EtcdLink.open(engine),
        );
        return new EtcdKeyspace(lease, engine, name);
      }
    }
  }

  /** Ends what keyspaces left open. */
  async close(): Promise<void> {
    await Promise.all([this.#redis.close(), this.#postgres.close(), this.#etcd.close()]);
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { createClient, createCluster, RESP_TYPES } from '@redis/client';
import type { EngineSettings } from '../../config/kv-settings.ts';
import type { KvCall } from '../contract.ts';
import { hasLeft, inTime, openedInTime, patienceOf } from '../in-time.ts';
import { callFailed, openFailed, replyCode, wasNotSent } from './errors.ts';
import type { Script } from './scripts.ts';

/** Ms for one connection to come about. */
const CONNECT_TIMEOUT = 1500;

/** Ms between looks whether there is a connection again. */
const OFFLINE_PAUSE = 15;

/** Ms without any reply, after a caller gave up, that show a connection to be dead. */
const DEAD_AFTER = 1000;

export type RedisSettings = EngineSettings<'redis'>;

/** One command, or one run of a script. */
export interface Command {
  readonly args: (string | Buffer)[];
  /** Sent again where the connection breaks: nothing that it does twice matters. */
  readonly reads: boolean;
  /** Of an EVALSHA, whose digest is its first argument. */
  readonly script?: Script;
}

/** What one server and a cluster's clients have in common. */
interface Client {
  send(key: string, args: (string | Buffer)[]): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): void;
}

/**
 * The connection to one Redis server or cluster. All calls are pipelined on it. It connects
 * again by itself, and gives up a connection on which nothing comes back.
 */
export class RedisLink {
  /** Names the server in errors, without credentials. */
  readonly where: string;
  readonly #settings: RedisSettings;
  #client: Client;
  /** When each route last heard of its server; one that is no cluster is a single route. */
  readonly #replies = new Map<string, number>();
  #lastError: unknown;
  #opening = true;
  #closed = false;

  private constructor(settings: RedisSettings) {
    this.where = `redis at ${new URL(settings.url).host || 'its socket'}`;
    this.#settings = settings;
    this.#client = this.#create();
  }

  /** Connects within some seconds, or fails with CONFIG_INVALID or UNAVAILABLE. */
  static async open(settings: RedisSettings): Promise<RedisLink> {
    const link = new RedisLink(settings);
    try {
      await openedInTime(link.#client.connect(), link.where);
    } catch (error) {
      await link.close();
      throw openFailed(link.where, link.#lastError ?? error);
    }
    link.#opening = false;
    link.#lastError = undefined;
    return link;
  }

  /**
   * Sends a command and gives what `read` makes of its reply. `route` is a key in the keyspace's
   * slot, always the same one. Where the connection breaks and the command does not only read,
   * nobody knows whether it ran. Fails with a KvError.
   */
  send<T>(
    route: string,
    command: Command,
    call: KvCall,
    read: (reply: unknown) => T,
    since = performance.now(),
  ): Promise<T> {
    const name = this.#settings.cluster ? route : '';
    const sentAt = performance.now();
    const answer = this.#client.send(route, command.args);
    return inTime(answer, call, this.where, () => this.#doubt(name, sentAt, answer)).then(
      (reply) => {
        this.#replies.set(name, performance.now());
        return read(reply);
      },
      (error: unknown) => {
        const code = replyCode(error);
        if (code !== undefined) this.#replies.set(name, performance.now());
        if (code === 'NOSCRIPT' && command.script !== undefined) {
          // A server that restarted or took over has yet to learn it.
          return this.send(route, taught(command, command.script), call, read);
        }
        this.#requireRetry(error, command, call, since);
        return pause(OFFLINE_PAUSE).then(() => this.send(route, command, call, read, since));
      },
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#client.destroy();
  }

  /** Throws why a command that failed is not sent again. */
  #requireRetry(error: unknown, { reads }: Command, call: KvCall, since: number): void {
    const code = replyCode(error);
    // It was the master when this connection was made; the name may lead to another by now.
    if (code === 'READONLY') this.#renew(this.#client);
    const unsent = wasNotSent(error);
    const mayRetry = unsent || (reads && code === undefined);
    const patience = patienceOf(call, since);
    if (mayRetry && performance.now() < patience && !hasLeft(call) && !this.#closed) return;
    const reason = unsent ? (this.#lastError ?? error) : error;
    throw callFailed(this.where, reason, !unsent && !reads);
  }

  /** A caller left without an answer: is anybody there? */
  #doubt(name: string, since: number, answer: Promise<unknown>): void {
    const client = this.#client;
    let isAnswered = false;
    const heard = (): void => {
      isAnswered = true;
    };
    answer.then(heard, (error: unknown) => replyCode(error) !== undefined && heard());
    setTimeout(() => {
      if (isAnswered || (this.#replies.get(name) ?? 0) > since) return;
      this.#lastError = new Error('the server answered nothing; connecting again');
      this.#renew(client);
    }, DEAD_AFTER).unref();
  }

  #renew(old: Client): void {
    if (this.#closed || old !== this.#client) return;
    this.#client = this.#create();
    this.#client.connect().catch(() => undefined);
    old.destroy();
  }

  #create(): Client {
    const { cluster } = this.#settings;
    const { url, ...credentials } = addressOf(this.#settings);
    const options = {
      ...credentials,
      RESP: 2 as const,
      // Waiting is done above, where a call's time is known and nothing is sent after it.
      disableOfflineQueue: true,
      disableClientInfo: true,
      commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
      socket: {
        connectTimeout: CONNECT_TIMEOUT,
        reconnectStrategy: (retries: number, cause: Error) => {
          this.#lastError = cause;
          // Whoever opens it is told at once what is wrong; later it is waited for.
          return this.#opening ? cause : Math.min(20 * 2 ** retries, 500);
        },
      },
    };
    const onError = (error: Error): void => {
      this.#lastError = error;
    };
    if (!cluster) {
      const client = createClient({ ...options, url }).on('error', onError);
      return {
        send: (_, args) => client.sendCommand(args),
        connect: () => client.connect(),
        destroy: () => client.destroy(),
      };
    }
    const client = createCluster({
      rootNodes: [{ url }],
      // The nodes that a cluster names want the same credentials as the first.
      defaults: options,
      commandOptions: options.commandOptions,
      topologyRefreshOnReconnectionAttemptStrategy: 500,
    }).on('error', onError);
    return {
      send: (key, args) => client.sendCommand(key, false, args),
      connect: () => client.connect(),
      destroy: () => client.destroy(),
    };
  }
}

/** The same run with the script's text, which teaches it to the server. */
function taught({ args, reads }: Command, script: Script): Command {
  return { args: ['EVAL', script.text, ...args.slice(2)], reads };
}

/** Those of the settings go before the URL's own, which the client would prefer. */
function addressOf({ url, username, password }: RedisSettings): {
  url: string;
  username?: string;
  password?: string;
} {
  const bare = new URL(url);
  const user = username ?? decodeURIComponent(bare.username);
  const secret = password ?? decodeURIComponent(bare.password);
  bare.username = bare.password = '';
  return {
    url: bare.href,
    ...(user === '' ? {} : { username: user }),
    ...(secret === '' ? {} : { password: secret }),
  };
}

import { Etcd3, type IOptions } from 'etcd3';
import type { EngineSettings } from '../../config/kv-settings.ts';
import type { KvCall } from '../contract.ts';
import { hasLeft, inTime, openedInTime } from '../in-time.ts';
import { callFailed, isFinal, openFailed, wasNotSent } from './errors.ts';
import { Token, type CallOptions } from './token.ts';

/** Ms that a call waits for a connection at the most: a caller can do better with an answer. */
const OFFLINE_PATIENCE = 1000;

/** Ms that are left of a call's time for the answer that there is no connection. */
const ANSWER_RESERVE = 20;

/** Ms between attempts to reach a server. */
const OFFLINE_PAUSE = 25;

/** Ms after a caller has left that its request may still take before its connection is closed. */
const DEAD_AFTER = 1000;

/** Ms; what timers can take, for calls without a deadline. */
const LONGEST_TIMEOUT = 2 ** 30;

export type EtcdSettings = EngineSettings<'etcd'>;

/** One unary request. */
type Request<T> = (client: Etcd3, options: CallOptions) => Promise<T>;

/** The client library retries by itself otherwise, commits too, and shuts servers out for 5 s. */
type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;

/** The connections to one etcd cluster. */
export class EtcdLink {
  /** Names the cluster in errors, without credentials. */
  readonly where: string;
  readonly #client: Etcd3;
  readonly #token: Token | undefined;

  private constructor({ url, username, password }: EtcdSettings) {
    this.where = `etcd at ${url.map((each) => new URL(each).host).join(', ')}`;
    const once = passThrough();
    const options: IOptions = {
      hosts: url,
      faultHandling: { global: once, host: () => once },
      grpcOptions: {
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 500,
      },
    };
    this.#client = new Etcd3(options);
    if (username !== undefined && password !== undefined) {
      this.#token = new Token(options, { name: username, password });
    }
  }

  /** Connects within some seconds, or fails with CONFIG_INVALID or UNAVAILABLE. */
  static async open(settings: EtcdSettings): Promise<EtcdLink> {
    const link = new EtcdLink(settings);
    try {
      const key = Buffer.from(`${settings.prefix}:`);
      const probe = link.#request(
        (client, options) => client.kv.range({ key, keys_only: true }, options),
        Infinity,
      );
      await openedInTime(probe, link.where);
    } catch (error) {
      await link.close();
      throw openFailed(link.where, error);
    }
    return link;
  }

  /** A request that changes nothing, sent again where a connection breaks. Fails with a KvError. */
  read<T>(request: Request<T>, call: KvCall): Promise<T> {
    return this.#send(request, call, true);
  }

  /** A request that is sent once; whether it happened when the connection broke, nobody knows. */
  write<T>(request: Request<T>, call: KvCall): Promise<T> {
    return this.#send(request, call, false);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #send<T>(request: Request<T>, call: KvCall, reads: boolean): Promise<T> {
    const now = performance.now();
    const left = call.deadline - now;
    const patience = now + Math.min(OFFLINE_PATIENCE, left - ANSWER_RESERVE);
    for (;;) {
      try {
        return await inTime(this.#request(request, left), call, this.where);
      } catch (error) {
        const mayRetry = wasNotSent(error) || (reads && !isFinal(error));
        if (!mayRetry || hasLeft(call) || performance.now() >= patience) {
          throw callFailed(this.where, error, reads);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, OFFLINE_PAUSE));
    }
  }

  async #request<T>(request: Request<T>, left: number): Promise<T> {
    const deadline = Date.now() + Math.min(left, LONGEST_TIMEOUT) + DEAD_AFTER;
    if (this.#token === undefined) return request(this.#client, { deadline });
    const interceptors = [await this.#token.interceptor()];
    return request(this.#client, { deadline, interceptors });
  }
}

function passThrough(): Policy {
  const never = new AbortController().signal;
  const none = { dispose: () => undefined };
  const policy: Pick<Policy, 'execute' | 'onSuccess' | 'onFailure'> = {
    execute: async (run) => run({ signal: never }),
    onSuccess: () => none,
    onFailure: () => none,
  };
  // What is missing names the types that policies combine, and nobody combines this one.
  return policy as Policy;
}

import type { EngineSettings } from '../../config/kv-settings.ts';
import type { KvCall } from '../contract.ts';
import { Channel, type Route } from '../grpc/channel.ts';
import { unaryCall } from '../grpc/unary.ts';
import { withTimeout } from '../grpc/request-head.ts';
import type { Endpoint } from '../http2/connect-socket.ts';
import { hasLeft, inTime, openedInTime, patienceOf, tooLate } from '../in-time.ts';
import { RANGE, rangeRequest, type Method } from './api.ts';
import {
  callFailed,
  isFinal,
  isTokenExpired,
  isUnfitEndpoint,
  openFailed,
  wasNotSent,
} from './errors.ts';
import { Heads } from './heads.ts';
import { Token } from './token.ts';

/** Ms between attempts of one call. */
const RETRY_PAUSE = 25;

/** Ms by which the server's time for a call is longer, so that the caller's own end is told first. */
const SERVER_GRACE = 1000;

/** Ms that opening waits for a member that knows a leader. */
const ELECTION_PATIENCE = 2500;

export type EtcdSettings = EngineSettings<'etcd'>;

/** The connection to one etcd cluster. */
export class EtcdLink {
  /** Names the cluster in errors, without credentials. */
  readonly where: string;
  readonly #channel: Channel;
  readonly #heads = new Heads();
  readonly #token: Token | undefined;

  private constructor({ url, username, password }: EtcdSettings) {
    this.where = `etcd at ${url.map((each) => new URL(each).host).join(', ')}`;
    this.#channel = new Channel(url.map(endpointOf));
    if (username !== undefined && password !== undefined) {
      this.#token = new Token({ name: username, password });
    }
  }

  /** Connects within some seconds, or fails with CONFIG_INVALID or UNAVAILABLE. */
  static async open(settings: EtcdSettings): Promise<EtcdLink> {
    const link = new EtcdLink(settings);
    try {
      await openedInTime(link.#probe(Buffer.from(`${settings.prefix}:`)), link.where);
    } catch (error) {
      await link.close();
      throw openFailed(link.where, error);
    }
    return link;
  }

  /** A request that may happen twice, sent again where a connection breaks. Fails with a KvError. */
  read<Q, A>(method: Method<Q, A>, request: Q, call: KvCall): Promise<A> {
    return this.#send(method, request, call, true);
  }

  /** A request that is sent once; whether it happened when the connection broke, nobody knows. */
  write<Q, A>(method: Method<Q, A>, request: Q, call: KvCall): Promise<A> {
    return this.#send(method, request, call, false);
  }

  async close(): Promise<void> {
    this.#channel.close();
  }

  async #send<Q, A>(method: Method<Q, A>, request: Q, call: KvCall, reads: boolean): Promise<A> {
    const message = method.encode(request);
    const now = performance.now();
    const patience = patienceOf(call, now);
    for (;;) {
      let route = this.#channel.route;
      try {
        route ??= await this.#connect(call, patience);
        return method.decode(await this.#request(route, method.path, message, call));
      } catch (error) {
        if (hasLeft(call)) throw tooLate(call, this.where);
        if (route !== undefined && isUnfitEndpoint(error)) this.#channel.leave(route);
        const mayRetry = wasNotSent(error) || (reads && !isFinal(error));
        if (!mayRetry || performance.now() >= patience) {
          throw callFailed(this.where, error, reads);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE));
    }
  }

  #connect(call: KvCall, patience: number): Promise<Route> {
    const left = Math.max(0, patience - performance.now());
    return inTime(this.#channel.connect(left), call, this.where);
  }

  /** Fails with an RpcError when the call's signal aborts; its deadline is the callers' affair. */
  async #request(route: Route, path: string, message: Buffer, call: KvCall): Promise<Uint8Array> {
    const token = this.#token?.current ?? (await this.#askToken(route, call));
    // Nobody waits any more, and nothing was sent.
    if (call.signal?.aborted === true) throw tooLate(call, this.where);
    const left = call.deadline - performance.now() + SERVER_GRACE;
    const head = withTimeout(this.#heads.of(route.endpoint, path, token), left);
    try {
      return await unaryCall(route.connection, head, message, call.signal);
    } catch (error) {
      if (token !== undefined && isTokenExpired(error)) this.#token?.forget(token);
      throw error;
    }
  }

  #askToken(route: Route, call: KvCall): Promise<string> | undefined {
    const asked = this.#token?.ask(route);
    return asked && inTime(asked, call, this.where);
  }

  /** Whoever opens a component reads at once what is wrong; but a leader may still be elected. */
  async #probe(key: Buffer): Promise<void> {
    const request = RANGE.encode(rangeRequest(key, { keysOnly: true }));
    const patience = performance.now() + ELECTION_PATIENCE;
    for (;;) {
      const route = await this.#channel.connect();
      try {
        await this.#request(route, RANGE.path, request, { deadline: Infinity });
        return;
      } catch (error) {
        if (!isUnfitEndpoint(error) || performance.now() >= patience) throw error;
        this.#channel.leave(route);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE));
    }
  }
}

/** A URL's own port where it names none. */
function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port) || (secure ? 443 : 80), secure };
}

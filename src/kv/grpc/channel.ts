import type { Endpoint } from '../http2/connect-socket.ts';
import { Connection } from '../http2/connection.ts';
import { RpcError, Status } from './rpc-error.ts';

/** Ms for a connection to one endpoint, and for the server's first word on it. */
const CONNECT_TIMEOUT = 1400;

/** Ms after all endpoints have failed, doubled each time. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 500;

/** Ms; a server that ends its connections sooner is left alone until somebody asks for it. */
const SHORT_LIFE = 500;

/** What calls go through at the moment. */
export interface Route {
  readonly connection: Connection;
  readonly endpoint: Endpoint;
}

interface Waiting {
  /** Whether it waits for one look at every endpoint only. */
  readonly once: boolean;
  readonly resolve: (route: Route) => void;
  readonly reject: (error: RpcError) => void;
}

/**
 * One connection to one of several endpoints that serve the same. A connection that is lost is
 * replaced before anybody asks for it, if that can be done at once; else when somebody asks.
 */
export class Channel {
  readonly #endpoints: readonly Endpoint[];
  readonly #waiting = new Set<Waiting>();
  #failure: unknown = new Error('no endpoint has answered yet');
  #next: number;
  #route: Route | undefined;
  /** When the route came about, on the clock of `performance.now()`. */
  #since = 0;
  #connecting = false;
  #closed = false;

  /** The first of them to be tried is chosen by chance, so that many clients spread. */
  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints;
    this.#next = Math.floor(Math.random() * endpoints.length);
  }

  get route(): Route | undefined {
    return this.#route;
  }

  /**
   * Waits for a route, `patience` ms at the most; undefined: until each endpoint was tried once.
   * Fails with an RpcError.
   */
  connect(patience?: number): Promise<Route> {
    if (this.#route !== undefined) return Promise.resolve(this.#route);
    if (this.#closed) return Promise.reject(notConnected(new Error('the client was closed')));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        once: patience === undefined,
        resolve: (route) => {
          clearTimeout(timer);
          resolve(route);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer =
        patience === undefined
          ? undefined
          : setTimeout(() => {
              this.#waiting.delete(waiting);
              reject(notConnected(this.#failure));
            }, patience);
      this.#waiting.add(waiting);
      void this.#reconnect();
    });
  }

  /** The server at its end cannot serve: calls go to another endpoint from now on, if there is one. */
  leave({ connection }: Route): void {
    if (this.#endpoints.length === 1 || this.#route?.connection !== connection) return;
    this.#turnAway();
    this.#route = undefined;
    connection.retire();
    void this.#reconnect();
  }

  /** Fails what is under way. */
  close(): void {
    this.#closed = true;
    this.#route?.connection.close();
    this.#rejectWaiting(() => true);
  }

  async #reconnect(): Promise<void> {
    if (this.#connecting || this.#closed) return;
    this.#connecting = true;
    try {
      for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        if (await this.#tryEach()) return;
        this.#rejectWaiting(({ once }) => once || this.#closed);
        if (this.#waiting.size === 0) return;
        await new Promise((resolve) => {
          setTimeout(resolve, pause * (0.8 + 0.4 * Math.random())).unref();
        });
      }
    } finally {
      this.#connecting = false;
      // Lost again, or asked for, while this was ending.
      if (this.#waiting.size > 0) void this.#reconnect();
    }
  }

  /** Whether there is a route now. */
  async #tryEach(): Promise<boolean> {
    for (let tries = this.#endpoints.length; tries > 0 && !this.#closed; tries -= 1) {
      const endpoint = this.#endpoints[this.#next];
      if (endpoint === undefined) return false;
      try {
        const connection = await Connection.open(endpoint, CONNECT_TIMEOUT, () => this.#onLost());
        if (this.#closed) connection.close();
        if (!connection.usable) throw new Error('the server takes no requests');
        const route = { connection, endpoint };
        this.#route = route;
        this.#since = performance.now();
        for (const { resolve } of this.#waiting) resolve(route);
        this.#waiting.clear();
        return true;
      } catch (error) {
        this.#failure = error;
        this.#turnAway();
      }
    }
    return false;
  }

  #onLost(): void {
    if (this.#route === undefined || this.#route.connection.usable) return;
    this.#route = undefined;
    if (performance.now() - this.#since >= SHORT_LIFE) void this.#reconnect();
    else this.#turnAway();
  }

  /** The next endpoint is tried first from now on. */
  #turnAway(): void {
    this.#next = (this.#next + 1) % this.#endpoints.length;
  }

  #rejectWaiting(which: (waiting: Waiting) => boolean): void {
    for (const waiting of this.#waiting) {
      if (!which(waiting)) continue;
      this.#waiting.delete(waiting);
      waiting.reject(notConnected(this.#failure));
    }
  }
}

function notConnected(cause: unknown): RpcError {
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new RpcError(Status.unavailable, why, false, { cause });
}

/** Ms without a sign of life after which a connection that was asked for one is dead. */
const DEAD_AFTER = 1000;

/** Ms without a sign of life after which one is asked for, while requests are under way. */
const SILENCE = 10_000;

/** Ms between two PINGs: servers close connections that send them more often; etcd allows 5 s. */
const PING_PAUSE = 5500;

export interface Watched {
  readonly isBusy: () => boolean;
  readonly ping: () => void;
  readonly onDead: (silence: number) => void;
}

/** Finds out whether the other end of a connection is still there. */
export class Liveness {
  readonly #watched: Watched;
  readonly #regular: NodeJS.Timeout;
  #question: NodeJS.Timeout | undefined;
  #heard = performance.now();
  #pinged = -Infinity;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#regular = setInterval(() => {
      if (watched.isBusy() && performance.now() - this.#heard >= SILENCE) this.ask();
    }, SILENCE).unref();
  }

  /** Something came from the other end. */
  heard(): void {
    this.#heard = performance.now();
  }

  /**
   * Somebody got no answer. Sends a PING as soon as another may be sent, and gives the other end
   * DEAD_AFTER from then on for any sign of life: a server that is slow with requests has nothing
   * else to say.
   */
  ask(): void {
    if (this.#question !== undefined) return;
    const wait = this.#pinged + PING_PAUSE - performance.now();
    if (wait <= 0) this.#ping();
    else this.#question = setTimeout(() => this.#ping(), wait).unref();
  }

  close(): void {
    clearInterval(this.#regular);
    clearTimeout(this.#question);
  }

  #ping(): void {
    const asked = performance.now();
    this.#pinged = asked;
    this.#watched.ping();
    this.#question = setTimeout(() => {
      this.#question = undefined;
      if (this.#heard < asked) this.#watched.onDead(Math.round(performance.now() - this.#heard));
    }, DEAD_AFTER).unref();
  }
}

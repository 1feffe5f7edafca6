/** The longest delay that a timer takes, in ms. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** Something that ends by itself when its time is over. */
export class Timed {
  /** On the clock of `performance.now()`, in ms; Infinity: never. */
  readonly deadline: number;
  /** Called once, at the deadline or some ms after it, in a turn of the event loop of its own. */
  readonly expire: () => void;
  /** Among those that wait; -1: it does not. Belongs to Deadlines. */
  place = -1;

  constructor(deadline: number, expire: () => void) {
    this.deadline = deadline;
    this.expire = expire;
  }
}

/**
 * The deadlines of one thread. A timer for each call costs about a microsecond to set and to
 * clear. Here one is set for the earliest deadline and left alone when that call ends: by then
 * the others have some seconds left, so it is set about as often as calls are long.
 * They are no Set for the sake of the collector (RATIONALE.md, "Why are calls that wait not kept in
 * a Set or a Map?").
 */
class Deadlines {
  readonly #waiting: Timed[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer looks next. */
  #nextLook = Infinity;

  add(timed: Timed): void {
    if (timed.deadline === Infinity) return;
    timed.place = this.#waiting.push(timed) - 1;
    if (timed.deadline < this.#nextLook) this.#lookAt(timed.deadline);
  }

  /** It has ended in time, or was never added. */
  delete(timed: Timed): void {
    const { place } = timed;
    if (place < 0) return;
    timed.place = -1;
    const last = this.#waiting.pop();
    if (last === undefined || last === timed) return;
    last.place = place;
    this.#waiting[place] = last;
  }

  #lookAt(time: number): void {
    clearTimeout(this.#timer);
    this.#nextLook = time;
    const delay = Math.max(1, Math.ceil(time - performance.now()));
    this.#timer = setTimeout(() => this.#look(), Math.min(delay, LONGEST_DELAY));
    // It may be there although nobody waits; whoever waits for an answer has a socket or a timer.
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    this.#nextLook = Infinity;
    const over = this.#waiting.filter(({ deadline }) => deadline <= now);
    for (const timed of over) {
      // One that expires may end others.
      if (timed.place < 0) continue;
      this.delete(timed);
      timed.expire();
    }
    const earliest = this.#waiting.reduce(
      (least, { deadline }) => Math.min(least, deadline),
      Infinity,
    );
    if (earliest < this.#nextLook) this.#lookAt(earliest);
  }
}

export const deadlines = new Deadlines();

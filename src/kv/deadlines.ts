/** The longest delay that a timer takes, in ms. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Something that ends by itself when its time is over. */
export interface Timed {
  /** On the clock of `performance.now()`, in ms; Infinity: never. */
  readonly deadline: number;
  /** Called once, at the deadline or within some ms after it, in a turn of the event loop of its own. */
  readonly expire: () => void;
}

/**
 * The deadlines of one thread. A timer for each call costs about a microsecond to set and to
 * clear. Here one is set for the earliest deadline and left alone when that call ends: by then
 * the others have some seconds left, so it is set about as often as calls are long.
 */
class Deadlines {
  readonly #waiting = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined;
  /** When the timer looks next. */
  #nextLook = Infinity;

  add(timed: Timed): void {
    if (timed.deadline === Infinity) return;
    this.#waiting.add(timed);
    if (timed.deadline < this.#nextLook) this.#lookAt(timed.deadline);
  }

  /** It has ended in time. */
  delete(timed: Timed): void {
    this.#waiting.delete(timed);
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
    let earliest = Infinity;
    for (const timed of this.#waiting) {
      if (timed.deadline > now) {
        earliest = Math.min(earliest, timed.deadline);
      } else {
        this.#waiting.delete(timed);
        timed.expire();
      }
    }
    if (earliest < this.#nextLook) this.#lookAt(earliest);
  }
}

export const deadlines = new Deadlines();

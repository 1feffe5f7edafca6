/**
 * The words by which one thread stops a call that another thread is in. A slot belongs to one
 * instance and has two words: which call the instance is in, and how long it may take in ms. The
 * first is 0 between calls, a call's number during it, and that number negated once the call is
 * to stop; the guest's own code looks at its sign (binary/rewrite.ts).
 */
export const SLOT_WORDS = 4;
export const CALL_WORD = 0;
export const LIMIT_WORD = 1;
/** In slot 0 only: how many slots have ever been taken. */
export const SLOT_COUNT_WORD = 2;

/**
 * Looks from outside at the calls of one plugin thread, and stops those past their limit. It must
 * run in another thread than the calls, and needs no clock in common with it: a call's time
 * counts from the first look that saw it, so it ends at its limit or up to two looks after it.
 */
export class InterruptWatch {
  readonly #words: Int32Array;
  readonly #seenCall: Int32Array;
  readonly #seenAt: Float64Array;
  /** When the call in each slot was told to stop, if it was. */
  readonly #toldAt: Float64Array;

  /** @param words what the thread's Meter has as `words` */
  constructor(words: SharedArrayBuffer) {
    this.#words = new Int32Array(words);
    const slots = this.#words.length / SLOT_WORDS;
    this.#seenCall = new Int32Array(slots);
    this.#seenAt = new Float64Array(slots);
    this.#toldAt = new Float64Array(slots);
  }

  /**
   * Stops every call past its limit. To be called every few milliseconds.
   *
   * @param now in ms, of any clock that only goes forward
   * @returns how long ago in ms a call was told to stop that has not ended since, the longest of
   *   all; 0 if there is none. A call that does not heed is stopped only with its thread.
   */
  look(now: number): number {
    const words = this.#words;
    const count = Atomics.load(words, SLOT_COUNT_WORD);
    let worst = 0;
    for (let slot = 0; slot < count; slot++) {
      const at = slot * SLOT_WORDS;
      const state = Atomics.load(words, at + CALL_WORD);
      const call = Math.abs(state);
      if (call !== this.#seenCall[slot]) {
        this.#seenCall[slot] = call;
        this.#seenAt[slot] = now;
      }
      if (call === 0) continue;
      const overdue = now - (this.#seenAt[slot] ?? now) - Atomics.load(words, at + LIMIT_WORD);
      if (overdue < 0) continue;
      if (state > 0) {
        // Nothing happens where the call has just ended and the next one begun.
        Atomics.compareExchange(words, at + CALL_WORD, state, -state);
        this.#toldAt[slot] = now;
      }
      worst = Math.max(worst, now - (this.#toldAt[slot] ?? now));
    }
    return worst;
  }
}

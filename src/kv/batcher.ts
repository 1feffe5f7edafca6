import { Cancellation, type CancelSignal } from '../cancel-signal.ts';
import type { KvCall } from './contract.ts';
import { hasLeft, inTime, patienceOf, tooLate } from './in-time.ts';
import type { KvError } from './kv-error.ts';

/** One call in a batch. */
export interface Item<Q, A> {
  readonly request: Q;
  /** As KvCall's. */
  readonly deadline: number;
  /** On the clock of `performance.now()`: from then on an answer is better than a connection. */
  readonly patience: number;
  /** The caller has gone; whatever is answered goes nowhere. */
  readonly left: boolean;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: KvError) => void;
}

interface Waiting<Q, A> extends Item<Q, A> {
  left: boolean;
  onLeave: (() => void) | undefined;
}

/** Decides what goes into one batch: whether another request fits with those it took before. */
export type Packer<Q> = (request: Q) => boolean;

/** Packs by size, in whatever unit, up to `capacity`. */
export function bySize<Q>(size: (request: Q) => number, capacity: number): () => Packer<Q> {
  return () => {
    let total = 0;
    return (request) => {
      total += size(request);
      return total <= capacity;
    };
  };
}

export interface BatcherOptions<Q, A> {
  /** Names the engine in errors. */
  readonly where: string;
  /** Begins a batch. Its first request goes in, whatever the packer says of it. */
  readonly pack: () => Packer<Q>;
  /** Batches that run at a time. */
  readonly atOnce: number;
  /**
   * Answers every item, and never rejects. `deserted` aborts when all callers have gone.
   */
  readonly run: (items: readonly Item<Q, A>[], deserted: CancelSignal) => Promise<void>;
}

/**
 * Gathers the calls of one turn of the event loop, and those that come while an engine is busy,
 * into one round trip. Where several may be under way, the first goes at once.
 */
export class Batcher<Q, A> {
  readonly #options: BatcherOptions<Q, A>;
  #waiting: Waiting<Q, A>[] = [];
  #running = 0;
  #scheduled = false;

  constructor(options: BatcherOptions<Q, A>) {
    this.#options = options;
  }

  /** Settles in the call's time, as inTime does. */
  add(request: Q, call: KvCall): Promise<A> {
    if (hasLeft(call)) return Promise.reject(tooLate(call, this.#options.where));
    const now = performance.now();
    const patience = patienceOf(call, now);
    let item: Waiting<Q, A> | undefined;
    const answer = new Promise<A>((resolve, reject) => {
      const { deadline } = call;
      item = { request, deadline, patience, left: false, onLeave: undefined, resolve, reject };
      this.#waiting.push(item);
    });
    this.#schedule();
    return inTime(answer, call, this.#options.where, () => {
      if (item === undefined) return;
      item.left = true;
      item.onLeave?.();
    });
  }

  #schedule(): void {
    const { atOnce } = this.#options;
    if (this.#scheduled || this.#running >= atOnce) return;
    // Whoever is alone has nobody to wait for; with one batch at a time others would wait for it.
    if (this.#running === 0 && atOnce > 1) return this.#pump();
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#running < this.#options.atOnce) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#run(batch);
    }
  }

  #take(): Waiting<Q, A>[] {
    this.#waiting = this.#waiting.filter(({ left }) => !left);
    const fits = this.#options.pack();
    const batch: Waiting<Q, A>[] = [];
    const later: Waiting<Q, A>[] = [];
    for (const item of this.#waiting) {
      const taken = fits(item.request) || batch.length === 0;
      (taken ? batch : later).push(item);
    }
    this.#waiting = later;
    return batch;
  }

  async #run(batch: readonly Waiting<Q, A>[]): Promise<void> {
    const deserted = new Cancellation();
    let present = batch.length;
    for (const item of batch) {
      item.onLeave = () => {
        present -= 1;
        if (present === 0) deserted.abort();
      };
    }
    try {
      await this.#options.run(batch, deserted);
    } finally {
      this.#running -= 1;
      this.#pump();
    }
  }
}

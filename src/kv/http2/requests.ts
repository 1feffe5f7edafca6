import { broken } from '../../http2/errors.ts';
import { LARGEST_STREAM } from '../../http2/frames.ts';
import { OpenStreams } from '../../http2/open-streams.ts';
import type { Stream } from './stream.ts';

/**
 * The requests of one connection: those under way, and those over the number that the server takes
 * at a time, which wait in an array for the same reason as OpenStreams is one.
 */
export class Requests {
  readonly #begin: (stream: Stream) => void;
  readonly #open = new OpenStreams<Stream>();
  #waiting: Stream[] = [];
  #most = Infinity;
  #nextId = 1;

  /** @param begin sends a request, which has its number */
  constructor(begin: (stream: Stream) => void) {
    this.#begin = begin;
  }

  /** How many are under way. */
  get size(): number {
    return this.#open.size;
  }

  /** Those under way, as they are now. */
  get all(): readonly Stream[] {
    return this.#open.all;
  }

  /** Numbers are not used again; another connection has them all. */
  get areUsedUp(): boolean {
    return this.#nextId > LARGEST_STREAM;
  }

  /** Begins a request when its turn has come. */
  add(stream: Stream): void {
    this.#waiting.push(stream);
    this.#beginNext();
  }

  /** undefined: it is not under way any more. Throws an Http2Fault for one that never was. */
  get(id: number): Stream | undefined {
    if (id % 2 === 0 || id >= this.#nextId) throw broken('a frame on a stream that is idle');
    return this.#open.get(id);
  }

  /** Whether it was under way. One that waits is not sent any more. */
  delete(stream: Stream): boolean {
    if (this.#open.delete(stream)) {
      this.#beginNext();
      return true;
    }
    const place = this.#waiting.indexOf(stream);
    if (place >= 0) this.#waiting.splice(place, 1);
    return false;
  }

  /** SETTINGS_MAX_CONCURRENT_STREAMS of the server. */
  setMost(most: number): void {
    this.#most = most;
    this.#beginNext();
  }

  /** Takes away those that wait. */
  clearWaiting(): readonly Stream[] {
    return this.#waiting.splice(0);
  }

  /** Takes away those under way. */
  clear(): readonly Stream[] {
    return this.#open.clear();
  }

  #beginNext(): void {
    while (this.#open.size < this.#most) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.id = this.#nextId;
      this.#nextId += 2;
      this.#open.add(next);
      this.#begin(next);
    }
  }
}

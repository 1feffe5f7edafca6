/**
 * The streams of a connection that are open. Their numbers ascend, so they stand in order in an
 * array. It is no Map for the sake of the collector, as they come and go with every call
 * (RATIONALE.md, "Why are calls that wait not kept in a Set or a Map?").
 */
export class OpenStreams<Stream extends { readonly id: number }> {
  readonly #streams: Stream[] = [];

  get size(): number {
    return this.#streams.length;
  }

  /** As they are now: what becomes of them while somebody goes through it does not show. */
  get all(): readonly Stream[] {
    return [...this.#streams];
  }

  /** Adds a stream whose number is higher than all before. */
  add(stream: Stream): void {
    this.#streams.push(stream);
  }

  get(id: number): Stream | undefined {
    const stream = this.#streams[this.#placeOf(id)];
    return stream?.id === id ? stream : undefined;
  }

  /** Whether it was there. */
  delete(stream: Stream): boolean {
    const place = this.#placeOf(stream.id);
    if (this.#streams[place] !== stream) return false;
    if (place === this.#streams.length - 1) this.#streams.pop();
    else this.#streams.splice(place, 1);
    return true;
  }

  /** Closes them all, and gives those that there were. */
  clear(): readonly Stream[] {
    return this.#streams.splice(0);
  }

  /** Where the stream stands if it is there. */
  #placeOf(id: number): number {
    const streams = this.#streams;
    let from = 0;
    let to = streams.length - 1;
    // Most that is asked for is of the stream that came last.
    if (to >= 0 && id >= (streams[to]?.id ?? 0)) return to;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((streams[middle]?.id ?? 0) < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/**
 * A view of a guest's linear memory that follows its growth: growing detaches the buffer
 * behind every earlier view.
 */
export class MemoryView {
  readonly #memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #data: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#data = new DataView(memory.buffer);
  }

  /** Valid until the guest runs next. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#renew();
    return this.#bytes;
  }

  /** Valid until the guest runs next. */
  get data(): DataView {
    if (this.#bytes.length === 0) this.#renew();
    return this.#data;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  /** Whether `size` bytes from `pointer` lie inside the memory. */
  contains(pointer: number, size: number): boolean {
    return pointer >= 0 && size >= 0 && pointer + size <= this.byteLength;
  }

  #renew(): void {
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#data = new DataView(this.#memory.buffer);
  }
}

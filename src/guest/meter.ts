import { WasmstateError } from '../error.ts';
import type { HardenedModule } from './binary/harden.ts';
import { PAGE_BYTES } from './binary/limits.ts';
import {
  HOST_MODULE,
  INTERRUPTS_IMPORT,
  INTERRUPT_PAGES,
  MEMORY_IMPORT,
  SLOT_EXPORT,
} from './binary/rewrite.ts';
import { DroppedMemories } from './collect-memories.ts';
import { CALL_WORD, LIMIT_WORD, SLOT_COUNT_WORD, SLOT_WORDS } from './interrupt-watch.ts';

const SLOTS = (INTERRUPT_PAGES * PAGE_BYTES) / (SLOT_WORDS * Int32Array.BYTES_PER_ELEMENT);
const LARGEST = 0x7fffffff;
const SHARED_MEMORY = { initial: INTERRUPT_PAGES, maximum: INTERRUPT_PAGES, shared: true };

/**
 * A slot's calls are numbered on from one instance to the next: whoever watches may not have looked
 * between two of them, and would take the second for the first, long past its limit.
 */
interface Slot {
  readonly slot: number;
  readonly lastCall: number;
}

/** The time limit of one instance's calls. Only one call is ever inside an instance. */
export class CallLimit {
  readonly #words: Int32Array;
  readonly #at: number;
  /** Of the slot, in bytes: what the instance must know. */
  readonly address: number;
  #release: ((lastCall: number) => void) | undefined;
  #call: number;

  /** @param lastCall of whoever had the slot before; `release` is told that of this one */
  constructor(words: Int32Array, { slot, lastCall }: Slot, release: (lastCall: number) => void) {
    this.#words = words;
    this.#call = lastCall;
    this.#at = slot * SLOT_WORDS;
    this.address = this.#at * Int32Array.BYTES_PER_ELEMENT;
    this.#release = release;
  }

  /**
   * Begins a call that may take `limitMs` ms, the time in which it is suspended included. Costs
   * two stores, no clock is read.
   */
  arm(limitMs: number): void {
    this.#call = this.#call === LARGEST ? 1 : this.#call + 1;
    this.#words[this.#at + LIMIT_WORD] = Math.min(Math.ceil(limitMs), LARGEST);
    Atomics.store(this.#words, this.#at + CALL_WORD, this.#call);
  }

  /**
   * Ends the call, however it ended.
   *
   * @returns whether it was told to stop. A guest that traps then was stopped, rather than at fault,
   *   and its instance is of no more use; a guest that returned all the same was just in time.
   */
  disarm(): boolean {
    return Atomics.exchange(this.#words, this.#at + CALL_WORD, 0) < 0;
  }

  /** Gives the slot back, once the instance is no longer called and nothing refers to it. */
  [Symbol.dispose](): void {
    if (this.#release === undefined) return;
    this.disarm();
    this.#release(this.#call);
    this.#release = undefined;
  }
}

export interface MeteredInstance {
  readonly instance: WebAssembly.Instance;
  readonly memory: WebAssembly.Memory;
  readonly limit: CallLimit;
}

/**
 * Makes the instances of one thread such that another thread can stop their calls: it holds the
 * shared words of all of them. An InterruptWatch on `words` in the other thread does the stopping.
 */
export class Meter {
  readonly #memory = new WebAssembly.Memory(SHARED_MEMORY);
  readonly #words = new Int32Array(this.#memory.buffer);
  readonly #free: Slot[] = [];
  readonly #dropped = new DroppedMemories();
  readonly #starting: CallLimit;

  constructor() {
    // Instances look at slot 0 until they know their own.
    this.#starting = this.take();
  }

  /** To be posted to the thread that watches. */
  get words(): SharedArrayBuffer {
    // Shared by construction; the type says it only for memories in general.
    const { buffer } = this.#memory;
    if (buffer instanceof SharedArrayBuffer) return buffer;
    throw new WasmstateError('INTERNAL', 'the memory with the interrupt words is not shared');
  }

  /**
   * A slot of one's own, for an instance with its memory, or for work of the host that may take
   * too long.
   */
  take(memory?: WebAssembly.Memory): CallLimit {
    const free = this.#free.pop() ?? this.#unused();
    return new CallLimit(this.#words, free, (lastCall) => {
      this.#free.push({ slot: free.slot, lastCall });
      if (memory !== undefined) this.#dropped.drop(memory.buffer.byteLength);
    });
  }

  #unused(): Slot {
    const slot = Atomics.add(this.#words, SLOT_COUNT_WORD, 1);
    if (slot >= SLOTS) {
      Atomics.sub(this.#words, SLOT_COUNT_WORD, 1);
      throw new WasmstateError('LIMIT_EXCEEDED', `a plugin has at most ${SLOTS - 1} instances`);
    }
    return { slot, lastCall: 0 };
  }

  /**
   * Instantiates a module that hardenModule made, its start function included, for which the
   * limit counts as for a call.
   *
   * @param module compiled from `hardened.bytes`
   * @param imports what the guest imports, read and not kept
   * @param limitMs for the start function, in ms
   * @throws what a start function throws; DEADLINE_EXCEEDED where it took too long;
   *   LIMIT_EXCEEDED where there is no room for one more memory
   */
  instantiate(
    module: WebAssembly.Module,
    hardened: Pick<HardenedModule, 'memory'>,
    imports: Record<string, Record<string, unknown>>,
    limitMs: number,
  ): MeteredInstance {
    this.#dropped.collect();
    const memory = this.#guestMemory(hardened.memory);
    const limit = this.take(memory);
    const own = { [MEMORY_IMPORT]: memory, [INTERRUPTS_IMPORT]: this.#memory };
    this.#starting.arm(limitMs);
    try {
      const instance = new WebAssembly.Instance(module, { ...imports, [HOST_MODULE]: own });
      const slot = instance.exports[SLOT_EXPORT];
      if (slot instanceof WebAssembly.Global) slot.value = limit.address;
      this.#starting.disarm();
      return { instance, memory, limit };
    } catch (error) {
      limit[Symbol.dispose]();
      if (!this.#starting.disarm()) throw error;
      throw new WasmstateError(
        'DEADLINE_EXCEEDED',
        `the guest's start function took longer than ${limitMs} ms`,
        { cause: error },
      );
    }
  }

  #guestMemory({ minimum, maximum }: HardenedModule['memory']): WebAssembly.Memory {
    try {
      return new WebAssembly.Memory({ initial: minimum, maximum });
    } catch (error) {
      throw new WasmstateError(
        'LIMIT_EXCEEDED',
        `no memory of ${minimum} pages for one more instance: the process has too many of them or too little address space`,
        { cause: error },
      );
    }
  }
}

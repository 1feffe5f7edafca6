import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WasmstateError } from '../error.ts';

/** Bytes of dropped memories at which they are collected. */
const ENOUGH = 32 * 1024 * 1024;

let fullCollection: (() => void) | undefined;

/** V8's own function, which it gives to contexts that are made while the flag is set. */
function collector(): () => void {
  if (fullCollection !== undefined) return fullCollection;
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof found !== 'function') throw new WasmstateError('INTERNAL', 'V8 lends no collector');
  fullCollection = () => void found();
  return fullCollection;
}

/**
 * Sees to it that linear memories which nobody uses any more are given back soon. V8 does so
 * only when its own heap fills, to which a linear memory adds next to nothing: thirty instances
 * that failed one after the other at 256 MiB each kept 8 GB resident.
 */
export class DroppedMemories {
  #bytes = 0;
  #planned: NodeJS.Immediate | undefined;

  /** Nothing must refer to the memory soon after. */
  drop(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < ENOUGH) return;
    this.#planned ??= setImmediate(() => this.collect());
    this.#planned.unref();
  }

  /** To be called before a new memory is made: collects if there is enough to collect. */
  collect(): void {
    if (this.#bytes < ENOUGH) return;
    clearImmediate(this.#planned);
    this.#planned = undefined;
    this.#bytes = 0;
    collector()();
  }
}

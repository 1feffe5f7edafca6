import type { CancelSignal } from '../cancel-signal.ts';

/** What the caller of one RPC says about it, whatever transport it came over. */
export interface CallContext {
  /** Name of the component: the header `x-component-instance`, empty where it is missing. */
  readonly component: string;
  /** On performance.now()'s clock, in ms; Infinity: none. */
  readonly deadline: number;
  /** Aborted when the caller gives up. Made when first read. */
  readonly signal?: CancelSignal | undefined;
}

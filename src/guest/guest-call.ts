import type { CancelSignal } from '../cancel-signal.ts';

/** What limits one call into a guest. */
export interface GuestCall {
  /** On performance.now()'s clock, in ms: when the call must have ended. */
  readonly deadline: number;
  /** The same from the start of the call on, in ms, for whoever watches the thread. */
  readonly limit: number;
  /** Ends the call early. Read only where the guest is suspended, so it may be made lazily. */
  readonly signal?: CancelSignal | undefined;
}

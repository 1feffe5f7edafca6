import type { CancelSignal } from '../cancel-signal.ts';
import { WasmstateError } from '../error.ts';

/** What limits one call into a guest. */
export interface GuestCall {
  /** On performance.now()'s clock, in ms: when the call must have ended. */
  readonly deadline: number;
  /** The same from the start of the call on, in ms, for whoever watches the thread. */
  readonly limit: number;
  /** Ends the call early. Read only where the guest is suspended, so it may be made lazily. */
  readonly signal?: CancelSignal | undefined;
}

/** What a call that began before may still take; `when` says what it has done so far, if it is nothing. */
export function restOf({ deadline, limit, signal }: GuestCall, when: string): GuestCall {
  const rest = Math.min(limit, deadline - performance.now());
  if (rest > 0) return { deadline, limit: rest, signal };
  throw new WasmstateError('DEADLINE_EXCEEDED', `the call reached its limit ${when}`);
}

import type { Cancellation } from '../cancel-signal.ts';
import { WasmstateError } from '../error.ts';
import { deadlines, Timed } from '../kv/deadlines.ts';
import type { GuestCall } from './guest-call.ts';

/**
 * What a guest that is suspended in a host function waits for. Settles as `answer` does, or fails
 * with DEADLINE_EXCEEDED or CANCELLED when the call ends first; then `work` is aborted, which must
 * stop what is done for `answer`.
 */
export function waitSuspended<T>(
  answer: Promise<T>,
  { deadline, signal }: GuestCall,
  work: Cancellation,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiting = true;
    const settle = (): void => {
      waiting = false;
      deadlines.delete(timed);
      signal?.removeEventListener('abort', cancelled);
    };
    const fail = (error: WasmstateError): void => {
      settle();
      work.abort();
      reject(error);
    };
    const cancelled = (): void =>
      fail(new WasmstateError('CANCELLED', 'the caller cancelled the call'));
    // A host function that keeps to the deadline by itself answers before that turn.
    const timed = new Timed(deadline, () =>
      setImmediate(() => {
        if (waiting) fail(tooLate());
      }),
    );
    answer.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
    if (signal?.aborted === true) return cancelled();
    signal?.addEventListener('abort', cancelled);
    deadlines.add(timed);
  });
}

function tooLate(): WasmstateError {
  return new WasmstateError(
    'DEADLINE_EXCEEDED',
    'the call reached its limit while the guest waited in a host function',
  );
}

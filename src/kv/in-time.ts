import { WasmstateError } from '../error.ts';
import type { KvCall } from './contract.ts';
import { deadlines, Timed } from './deadlines.ts';
import { KvError } from './kv-error.ts';

/** Ms that a call waits for a connection at the most: a caller can do better with an answer. */
const OFFLINE_PATIENCE = 1000;

/** Ms that are left of a call's time for the answer that there is no connection. */
const ANSWER_RESERVE = 20;

/**
 * When a call that began at `since` would rather have an answer than wait for a connection; both on
 * the clock of `performance.now()`.
 */
export function patienceOf({ deadline }: KvCall, since: number): number {
  return since + Math.min(OFFLINE_PATIENCE, deadline - since - ANSWER_RESERVE);
}

/** Whether the caller no longer waits for an answer. */
export function hasLeft({ deadline, signal }: KvCall): boolean {
  return signal?.aborted === true || deadline <= performance.now();
}

/**
 * Settles as `answer` does, or fails with DEADLINE_EXCEEDED when the call's deadline passes or
 * its caller goes away first; `onLeave` is told then, and `answer` is not waited for any more.
 * `where` names the engine in the error.
 */
export function inTime<T>(
  answer: Promise<T>,
  call: KvCall,
  where: string,
  onLeave?: () => void,
): Promise<T> {
  const { deadline, signal } = call;
  if (deadline === Infinity && signal === undefined) return answer;
  if (signal?.aborted === true) {
    answer.catch(() => undefined);
    onLeave?.();
    return Promise.reject(tooLate(call, where));
  }
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      deadlines.delete(timed);
      signal?.removeEventListener('abort', left);
    };
    const left = (): void => {
      settle();
      onLeave?.();
      reject(tooLate(call, where));
    };
    const timed = new Timed(deadline, left);
    deadlines.add(timed);
    signal?.addEventListener('abort', left);
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
  });
}

/** The error of a call whose caller has left before an answer came. */
export function tooLate({ signal }: KvCall, where: string): KvError {
  const why = signal?.aborted === true ? 'the caller went away' : "the call's deadline passed";
  return new KvError(
    'DEADLINE_EXCEEDED',
    `${where}: ${why} before an answer came; a commit may have happened`,
  );
}

/** Ms that opening a keyspace may take: daprd gives a component 5 s for its Init. */
export const OPEN_TIMEOUT = 3000;

/** Waits for a first connection; fails with UNAVAILABLE after OPEN_TIMEOUT. */
export async function openedInTime<T>(opening: Promise<T>, where: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${where}: no connection within ${OPEN_TIMEOUT} ms; is kv.url right, and the server up?`;
      reject(new WasmstateError('UNAVAILABLE', message));
    }, OPEN_TIMEOUT);
  });
  try {
    return await Promise.race([opening, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

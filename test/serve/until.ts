import { RpcError } from './rpc-error.ts';

/** Between attempts, in ms: calls that fail at once must leave others some time. */
const PAUSE = 5;

/**
 * Repeats a call until it is answered, however long that takes.
 *
 * @returns what it failed with before
 */
export async function untilAnswered(call: () => Promise<unknown>): Promise<readonly RpcError[]> {
  const failures: RpcError[] = [];
  for (;;) {
    const error = await failureOf(call);
    if (error === undefined) return failures;
    failures.push(error);
    await pause();
  }
}

/** Repeats a call until it fails in a certain way, however long that takes. */
export async function untilFailed(
  call: () => Promise<unknown>,
  matches: (error: RpcError) => boolean,
): Promise<RpcError> {
  for (;;) {
    const error = await failureOf(call);
    if (error !== undefined && matches(error)) return error;
    await pause();
  }
}

async function failureOf(call: () => Promise<unknown>): Promise<RpcError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}

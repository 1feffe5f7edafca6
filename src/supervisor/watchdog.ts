import type { PluginThread } from './plugin-thread.ts';

/**
 * How long a call may go on after it was told to stop before its thread is given up, in ms:
 * instrumented code stops at once, as soon as a busy machine lets it run; other code's calls
 * are given up if they are suspended.
 */
const SLACK_INTERRUPTIBLE = 1000;
const SLACK = 250;
const SHORTEST_LOOK = 5;
const LONGEST_LOOK = 50;

export interface WatchOptions {
  /** Milliseconds. */
  readonly callLimit: number;
  readonly interruptible: boolean;
  /** Told once when a call does not heed: its thread will not come back by itself. */
  readonly onStuck: () => void;
}

/**
 * Stops calls past their limit. It looks often enough to be late by a fiftieth of the limit.
 * End it with the function that it gives.
 */
export function watch(thread: PluginThread, options: WatchOptions): () => void {
  const { callLimit, interruptible, onStuck } = options;
  const slack = interruptible ? SLACK_INTERRUPTIBLE : SLACK;
  const interval = setInterval(
    () => {
      if (thread.stopOverdueCalls() <= slack) return;
      clearInterval(interval);
      onStuck();
    },
    Math.min(LONGEST_LOOK, Math.max(SHORTEST_LOOK, callLimit / 50)),
  );
  return () => clearInterval(interval);
}

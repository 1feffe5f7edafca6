import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './watcher-main.ts' : './watcher-main.js',
  import.meta.url,
);

/**
 * Starts a thread that stops the calls of this thread's Meter at their limits. It keeps no
 * process alive; end it with the function that it gives.
 */
export async function watchOwnCalls(interrupts: SharedArrayBuffer): Promise<() => Promise<void>> {
  const worker = new Worker(ENTRY, {
    workerData: { interrupts },
    name: 'wasmstate watcher',
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  await once(worker, 'message');
  worker.unref();
  return async () => {
    await worker.terminate();
  };
}

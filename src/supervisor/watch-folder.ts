import { watch } from 'node:fs';
import type { Logger } from '../observe/log.ts';
import { errorText } from '../observe/log.ts';

/** How long a folder must be quiet before it is looked at, in ms: files are written in pieces. */
const QUIET = 250;

/**
 * Tells when something in a folder or below it has changed and writing has paused. Stop it
 * with the function that it gives. Folders that are reached through links are not seen.
 */
export function watchFolder(folder: string, changed: () => void, logger: Logger): () => void {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET);
  });
  watcher.on('error', (error) =>
    logger.warn('the plugins folder is no longer watched; send SIGHUP after a change', {
      error: errorText(error),
    }),
  );
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

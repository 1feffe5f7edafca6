import { watch, type FSWatcher } from 'node:fs';
import type { Logger } from '../observe/log.ts';
import { errorText } from '../observe/log.ts';

/** How long a folder must be quiet before it is looked at, in ms: files are written in pieces. */
const QUIET = 250;

/**
 * Tells when something in a folder or below it has changed and writing has paused. Stop it
 * with the function that it gives. Folders that are reached through links are not seen; where
 * the system lets nothing be watched, the log says so and nothing is told.
 */
export function watchFolder(folder: string, changed: () => void, logger: Logger): () => void {
  const unwatched = (error: unknown): void =>
    logger.warn('the plugins folder is not watched; send SIGHUP after a change', {
      error: errorText(error),
    });
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher;
  try {
    watcher = watch(folder, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(changed, QUIET);
    });
  } catch (error) {
    unwatched(error);
    return () => {};
  }
  watcher.on('error', unwatched);
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

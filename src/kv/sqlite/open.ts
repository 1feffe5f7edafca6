import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolders } from '../../make-folders.ts';
import { isBusy, openFailed } from './errors.ts';
import { prepareSchema } from './schema.ts';
import { growLog } from './write-ahead-log.ts';

/** Ms that an open waits for another process to let go of the file. */
const OPEN_TIMEOUT = 3000;

export interface SqliteOptions {
  /**
   * `full`: an acknowledged commit survives power loss. `normal`: it survives the death of the
   * process, not that of the machine, and costs no fsync.
   */
  readonly synchronous: 'full' | 'normal';
}

/**
 * Opens the database in `file`, which it makes with its folder where there is none, readable
 * by this user only. Throws a WasmstateError that names the file.
 */
export async function openDatabase(file: string, options: SqliteOptions): Promise<DatabaseSync> {
  try {
    makeFolders(dirname(file), 0o700);
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw openFailed(file, error);
  }
  const deadline = performance.now() + OPEN_TIMEOUT;
  for (;;) {
    try {
      const database = openNow(file, options);
      if (options.synchronous === 'full') await growLog(database, file);
      return database;
    } catch (error) {
      // Two that open a new file at once meet in the change to WAL.
      if (!isBusy(error) || performance.now() > deadline) throw openFailed(file, error);
    }
    await pause(5);
  }
}

/** A database that lives and dies with this process's memory. */
export function openMemoryDatabase(): DatabaseSync {
  return prepared(new DatabaseSync(':memory:'), 'memory');
}

function openNow(file: string, { synchronous }: SqliteOptions): DatabaseSync {
  // No native waiting for locks: it would stop every other call of the thread.
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec(`PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'}`);
    database.exec('PRAGMA journal_size_limit = 67108864');
    return prepared(database, file);
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

function prepared(database: DatabaseSync, where: string): DatabaseSync {
  prepareSchema(database, where);
  return database;
}

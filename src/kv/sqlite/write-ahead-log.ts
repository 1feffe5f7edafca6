import { open, stat, statfs } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';

/** Bytes. SQLite begins the log anew when 1000 pages are in it, each with a header of 24. */
const ROUND = 1000 * (4096 + 24);

/** Bytes. A round, and room for the group of commits that ends it. */
const LENGTH = 4_500_000;

/** Bytes that must be free on the disk: with less, its room is for what is committed. */
const FREE = 16 * LENGTH;

/** SQLite's own is 500; with these few, what a transaction writes goes to the log at once. */
const FEW_PAGES = 10;

/**
 * Gives a new write-ahead log the length at which SQLite uses it over and over: while it grows,
 * the flush of a commit waits for the file system's journal too. Where that cannot be done, as
 * another connection writes or the disk is nearly full, the log grows with the commits.
 */
export async function growLog(database: DatabaseSync, file: string): Promise<void> {
  const log = `${file}-wal`;
  try {
    if ((await stat(log)).size >= ROUND) return;
    const disk = await statfs(log);
    if (disk.bavail * disk.bsize < FREE) return;
    writeAndRollBack(database);
    const handle = await open(log);
    try {
      // Or else the first commit would wait for all of it, and the thread with it.
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch {
    // No commit depends on it.
  }
}

/** What was written stays in the log, without meaning, until commits overwrite it. */
function writeAndRollBack(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  const pages = Number(database.prepare('PRAGMA cache_size').get()?.['cache_size']);
  try {
    database.exec(`PRAGMA cache_size = ${FEW_PAGES}`);
    database.exec('CREATE TABLE room (value BLOB)');
    database.exec(`INSERT INTO room VALUES (zeroblob(${LENGTH}))`);
    database.exec('ROLLBACK');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  } finally {
    database.exec(`PRAGMA cache_size = ${pages}`);
  }
}

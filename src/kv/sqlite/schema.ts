import type { DatabaseSync } from 'node:sqlite';
import { WasmstateError } from '../../error.ts';

/** "wskv": tells the file from other programs' databases. */
const APPLICATION_ID = 0x77736b76;
const SCHEMA_VERSION = 1;

/**
 * A rowid table: values of several KiB keep it twice to four times as fast as a clustered one.
 * The value is last, as what lies behind it in a row is found by walking through it.
 * `last_version` is at or above every version that was ever given.
 */
const SCHEMA = `
  CREATE TABLE entry (
    key BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX entry_expires ON entry (expires) WHERE expires > 0;
  CREATE TABLE keyspace (last_version INTEGER NOT NULL) STRICT;
  INSERT INTO keyspace VALUES (0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Makes the tables in an empty database, and refuses one that is another program's or of a
 * later schema. `where` names the file in errors. Throws SQLITE_BUSY as it comes.
 */
export function prepareSchema(database: DatabaseSync, where: string): void {
  if (read(database, 'application_id') === APPLICATION_ID) return requireVersion(database, where);
  database.exec('BEGIN IMMEDIATE');
  try {
    if (read(database, 'application_id') !== APPLICATION_ID) {
      if (read(database, 'schema_version') !== 0) {
        throw new WasmstateError(
          'CONFIG_INVALID',
          `${where}: holds tables of another program; set kv.path to a folder of wasmstate's own`,
        );
      }
      database.exec(SCHEMA);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
  requireVersion(database, where);
}

function requireVersion(database: DatabaseSync, where: string): void {
  const version = read(database, 'user_version');
  if (version === SCHEMA_VERSION) return;
  throw new WasmstateError(
    'CONFIG_INVALID',
    `${where}: has schema version ${version}, this wasmstate knows ${SCHEMA_VERSION}; use a newer one`,
  );
}

function read(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma] ?? 0);
}

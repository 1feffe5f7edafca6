import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  REPLY_BYTES,
  SCAN_BYTES,
  type Check,
  type Commit,
  type CommitResult,
  type Entry,
  type KeyEntry,
  type ScanPage,
  type ScanRange,
} from '../contract.ts';
import { successor } from '../range.ts';
import { replyTooLarge } from '../write-reply.ts';

/** Rows of a scan that are looked at for one page, expired ones included. */
const SCAN_ROWS = 4096;

interface Scans {
  readonly bounded: StatementSync;
  readonly open: StatementSync;
}

const NO_VALUE = new Uint8Array(0);

/** The statements on one database, prepared once. All are synchronous and throw as SQLite does. */
export class Statements {
  readonly #begin: StatementSync;
  readonly #beginImmediate: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #get: StatementSync;
  readonly #check: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #lastVersion: StatementSync;
  readonly #setLastVersion: StatementSync;
  readonly #expired: StatementSync;
  readonly #reclaim: StatementSync;
  readonly #scanEntries: Scans;
  readonly #scanKeys: Scans;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    const prepare = (sql: string): StatementSync => {
      const statement = database.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    };
    this.#database = database;
    this.#begin = prepare('BEGIN');
    this.#beginImmediate = prepare('BEGIN IMMEDIATE');
    this.#commit = prepare('COMMIT');
    this.#rollback = prepare('ROLLBACK');
    this.#get = prepare('SELECT version, expires, value FROM entry WHERE key = ?');
    this.#check = prepare('SELECT version, expires FROM entry WHERE key = ?');
    this.#put = prepare(
      `INSERT INTO entry (key, version, expires, value) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (key) DO UPDATE SET version = ?2, expires = ?3, value = ?4`,
    );
    this.#delete = prepare('DELETE FROM entry WHERE key = ?');
    this.#lastVersion = prepare('SELECT last_version FROM keyspace');
    this.#setLastVersion = prepare('UPDATE keyspace SET last_version = ?');
    this.#expired = prepare('SELECT 1 FROM entry WHERE expires > 0 AND expires <= ? LIMIT 1');
    this.#reclaim = prepare(
      `DELETE FROM entry WHERE rowid IN
       (SELECT rowid FROM entry WHERE expires > 0 AND expires <= ? LIMIT ?)`,
    );
    const scan = (columns: string, bounds: string): StatementSync =>
      prepare(`SELECT ${columns} FROM entry WHERE ${bounds} ORDER BY key LIMIT ${SCAN_ROWS}`);
    const scans = (columns: string): Scans => ({
      bounded: scan(columns, 'key >= ?1 AND key < ?2'),
      open: scan(columns, 'key >= ?1'),
    });
    this.#scanEntries = scans('key, version, expires, value');
    this.#scanKeys = scans('key, version, expires');
  }

  begin(): void {
    this.#begin.run();
  }

  /** Takes the lock of writers; SQLITE_BUSY where another connection has it. */
  beginImmediate(): void {
    this.#beginImmediate.run();
  }

  commit(): void {
    this.#commit.run();
  }

  /** Harmless where SQLite has rolled back already, as it does when the disk is full. */
  rollback(): void {
    if (this.#database.isTransaction) this.#rollback.run();
  }

  get(keys: readonly Uint8Array[], now: number): readonly (Entry | undefined)[] {
    let size = 0;
    return keys.map((key) => {
      const row = this.#get.get(key) as unknown as [number, number, Uint8Array] | undefined;
      if (row === undefined || (row[1] !== 0 && row[1] <= now)) return undefined;
      size += row[2].length;
      if (size > REPLY_BYTES) throw replyTooLarge();
      return { value: row[2], version: BigInt(row[0]), expiresAt: row[1] };
    });
  }

  scan(range: ScanRange, now: number): ScanPage {
    const entries: KeyEntry[] = [];
    let rows = 0;
    let bytes = 0;
    const { bounded, open } = range.keysOnly ? this.#scanKeys : this.#scanEntries;
    const found =
      range.end === undefined ? open.iterate(range.start) : bounded.iterate(range.start, range.end);
    for (const row of found) {
      const [key, version, expiresAt, value = NO_VALUE] = row as unknown as [
        Uint8Array,
        number,
        number,
        Uint8Array?,
      ];
      rows += 1;
      if (expiresAt === 0 || expiresAt > now) {
        entries.push({ key, value, version: BigInt(version), expiresAt });
        bytes += key.length + value.length;
      }
      if (entries.length === range.limit || bytes >= SCAN_BYTES || rows === SCAN_ROWS) {
        return { entries, next: successor(key) };
      }
    }
    return { entries };
  }

  /** Checks and writes inside a transaction of the caller's; `version` is for what is put. */
  apply({ checks, writes }: Commit, version: number, now: number): CommitResult {
    const failedCheck = checks.findIndex((check) => !this.#holds(check, now));
    if (failedCheck >= 0) return { failedCheck };
    let put = false;
    for (const write of writes) {
      if (write.put === undefined) {
        this.#delete.run(write.key);
      } else {
        this.#put.run(write.key, version, write.ttl === 0 ? 0 : now + write.ttl, write.put);
        put = true;
      }
    }
    return { version: put ? BigInt(version) : 0n };
  }

  #holds(check: Check, now: number): boolean {
    const row = this.#check.get(check.key) as unknown as [number, number] | undefined;
    const there = row !== undefined && (row[1] === 0 || row[1] > now);
    if (check.is === 'absent') return !there;
    return there && (check.is !== 'version' || BigInt(row[0]) === check.version);
  }

  /** No version above it was ever given; see versions.ts. */
  lastVersion(): number {
    return (this.#lastVersion.get() as unknown as [number])[0];
  }

  setLastVersion(version: number): void {
    this.#setLastVersion.run(version);
  }

  hasExpired(now: number): boolean {
    return this.#expired.get(now) !== undefined;
  }

  /** Deletes up to `limit` expired rows; gives how many. */
  reclaim(now: number, limit: number): number {
    return Number(this.#reclaim.run(now, limit).changes);
  }
}

import { WasmstateError } from '../../error.ts';
import { KvError, type KvFault } from '../kv-error.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html; extended ones add higher bytes. */
export const SQLITE = {
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  NOTADB: 26,
} as const;

/** The primary result code behind an error of node:sqlite; 0: it is none of SQLite's. */
export function resultCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code & 0xff : 0;
}

/** Another connection holds the lock; the same call may succeed later. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE.BUSY || code === SQLITE.LOCKED;
}

/** A guest's call failed; `where` is the file. */
export function callFailed(where: string, error: unknown): KvError {
  if (error instanceof KvError) return error;
  return new KvError(faultOf(error), `${where}: ${explain(error)}`, { cause: error });
}

function faultOf(error: unknown): KvFault {
  if (isBusy(error)) return 'UNAVAILABLE';
  return resultCode(error) === SQLITE.TOOBIG ? 'TOO_LARGE' : 'INTERNAL';
}

/** The file cannot be used at all. */
export function openFailed(where: string, error: unknown): WasmstateError {
  if (error instanceof WasmstateError) return error;
  return new WasmstateError('UNAVAILABLE', `${where}: ${explain(error)}`, { cause: error });
}

function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  switch (resultCode(error)) {
    case SQLITE.FULL:
      return `the disk is full (${text}); what was acknowledged is safe, writes fail until there is room`;
    case SQLITE.READONLY:
      return `cannot be written (${text}); give this process the right to write the file and its folder, or set kv.path`;
    case SQLITE.CANTOPEN:
      return `cannot be opened (${text}); this process must be able to write its folder, or set kv.path`;
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return `the file is damaged or no database (${text}); restore it from a backup, or move it away to begin with an empty one`;
    case SQLITE.IOERR:
      return `the disk failed (${text})`;
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return `another process holds the file (${text})`;
    default:
      return /^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT)/.test(text)
        ? `cannot be written (${text}); give this process the right and the room, or set kv.path`
        : text;
  }
}

import { DatabaseError } from 'pg';
import { WasmstateError } from '../../error.ts';
import { KvError, type KvFault } from '../kv-error.ts';

/** SQLSTATE of what a server answered, https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** Lost against a concurrent transaction: nothing happened, and the same again may succeed. */
export function isConflict(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

/** Another host made the same table or function at the same time. */
export function isInstallRace(error: unknown): boolean {
  // The last is "tuple concurrently updated", which has no state of its own.
  const states = ['23505', '42P06', '42P07', '42710', '42723', '40001', 'XX000'];
  return states.includes(sqlState(error) ?? '');
}

/**
 * Whether a statement that failed may have been committed all the same: the connection broke,
 * the server went down meanwhile (57P), or it says so itself (40003, 08).
 */
export function mayHaveHappened(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || /^(08|57P|40003)/.test(state);
}

/** The server is a standby, starts up or goes down, or has no connection to spare. */
function isPassing(error: unknown): boolean {
  return /^(08|53300|57P|25006|28|3D|42501|55)/.test(sqlState(error) ?? '');
}

/** Credentials or a database that the server does not know. */
function isMisconfigured(error: unknown): boolean {
  if (error instanceof Error && error.message.startsWith('SASL')) return true;
  return /^(28|3D|42501|0A)/.test(sqlState(error) ?? '');
}

/** The server has become a standby since this connection was made to it. */
export function isStandby(error: unknown): boolean {
  return sqlState(error) === '25006';
}

/** A guest's call failed at the server. `unknown`: a commit may have happened. */
export function callFailed(where: string, error: unknown, unknown: boolean): KvError {
  if (error instanceof KvError) return error;
  const refused: KvFault =
    sqlState(error) === undefined || isPassing(error) ? 'UNAVAILABLE' : 'INTERNAL';
  const fault = unknown ? 'UNKNOWN_OUTCOME' : refused;
  return new KvError(fault, `${where}: ${explain(error)}`, { cause: error });
}

/** The keyspace cannot be opened. */
export function openFailed(where: string, error: unknown): WasmstateError {
  if (error instanceof WasmstateError) return error;
  const code = isMisconfigured(error) ? 'CONFIG_INVALID' : 'UNAVAILABLE';
  return new WasmstateError(code, `${where}: ${explain(error)}`, { cause: error });
}

/** Words for people. The server's own texts hold no credentials; a URL never gets here. */
function explain(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const state = sqlState(error) ?? '';
  if (state.startsWith('28') || text.startsWith('SASL')) {
    return `the server refuses user or password (${text}); set them in kv.url, or in kv.username and kv.password`;
  }
  if (state === '42501') {
    return `${text}; the user must be allowed to create the schema once, or to use the one that was made for it`;
  }
  if (state === '53100') return `the server's disk is full (${text})`;
  return text;
}

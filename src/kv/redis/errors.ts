import { ClientClosedError, ClientOfflineError, ErrorReply } from '@redis/client';
import { WasmstateError } from '../../error.ts';
import { KvError, type KvFault } from '../kv-error.ts';

/** The word that begins a reply of an error, as `WRONGPASS`; undefined: it is no reply. */
export function replyCode(error: unknown): string | undefined {
  return error instanceof ErrorReply ? /^[A-Z]+/.exec(error.message)?.[0] : undefined;
}

/** The command never left this process. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof ClientOfflineError || error instanceof ClientClosedError;
}

/** What the server refuses before it does anything, and may accept later. */
const REFUSED = new Set([
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'BUSY',
  'MOVED',
  'ASK',
  'NOREPLICAS',
  'NOAUTH',
  'NOPERM',
  'WRONGPASS',
]);

const CREDENTIALS = new Set(['NOAUTH', 'NOPERM', 'WRONGPASS']);

/** Errors that a retry with the same settings cannot cure. */
function isMisconfigured(error: unknown): boolean {
  const code = replyCode(error);
  if (code === 'ERR' && error instanceof Error) {
    // A password where the server has none, or a database that it has not.
    return /AUTH|DB index|invalid DB|cluster support disabled/i.test(error.message);
  }
  return code !== undefined && CREDENTIALS.has(code);
}

/** A guest's call failed. `sent`: a commit may have reached the server. */
export function callFailed(where: string, error: unknown, sent: boolean): KvError {
  if (error instanceof KvError) return error;
  return new KvError(faultOf(error, sent), `${where}: ${explain(error)}`, { cause: error });
}

function faultOf(error: unknown, sent: boolean): KvFault {
  const code = replyCode(error);
  if (code === undefined) return sent ? 'UNKNOWN_OUTCOME' : 'UNAVAILABLE';
  return REFUSED.has(code) ? 'UNAVAILABLE' : 'INTERNAL';
}

/** The keyspace cannot be opened. */
export function openFailed(where: string, error: unknown): WasmstateError {
  if (error instanceof WasmstateError) return error;
  const code = isMisconfigured(error) ? 'CONFIG_INVALID' : 'UNAVAILABLE';
  return new WasmstateError(code, `${where}: ${explain(error)}`, { cause: error });
}

/** Words for people. A server's reply holds no credentials; a URL never gets here. */
export function explain(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  switch (replyCode(error)) {
    case 'WRONGPASS':
    case 'NOAUTH':
      return `the server refuses user or password (${text}); set them in kv.url, or in kv.username and kv.password`;
    case 'NOPERM':
      return `the user may not do this (${text})`;
    case 'MOVED':
      return 'the server is a node of a cluster; set kv.cluster to true';
    case 'OOM':
      return `the server is out of memory (${text})`;
    case undefined:
    default:
      return text;
  }
}

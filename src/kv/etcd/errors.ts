import { WasmstateError } from '../../error.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import { KvError, type KvFault } from '../kv-error.ts';

/** The lease that a put named has expired, or the server lost it; nothing was written. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof KvError && says(error.cause, /requested lease not found/);
}

/** A request was not done for what it holds, which may be the fault of one part of it. */
export function isRefused(error: unknown): boolean {
  return error instanceof KvError && (error.fault === 'TOO_LARGE' || error.fault === 'INTERNAL');
}

/**
 * The server surely did nothing, and may do it if it is asked again: there was no connection,
 * the token has run out, or the member that was asked knows no leader.
 */
export function wasNotSent(error: unknown): boolean {
  return (
    (error instanceof RpcError && !error.reached) || isTokenExpired(error) || hasNoLeader(error)
  );
}

/** The token is not one of the server's, or older than a change of its users. */
export function isTokenExpired(error: unknown): boolean {
  return says(error, /invalid auth token|revision of auth store is old/);
}

/** Another member may do better. */
export function isUnfitEndpoint(error: unknown): boolean {
  return hasNoLeader(error) || says(error, /leader changed|request timed out|server stopped/);
}

function hasNoLeader(error: unknown): boolean {
  return says(error, /etcdserver: no leader/);
}

function says(error: unknown, text: RegExp): boolean {
  return error instanceof RpcError && text.test(error.message);
}

/** What etcd answers before a request is proposed; other than these it may still be applied. */
const REFUSALS: readonly (readonly [RegExp, KvFault])[] = [
  [/request is too large|too many operations|(send|received) message larger/i, 'TOO_LARGE'],
  [/no leader|too many requests|not capable|learner|auth|permission|user name/i, 'UNAVAILABLE'],
  [/database space exceeded|corrupt/i, 'INTERNAL'],
];

function refusal(error: unknown): KvFault | undefined {
  if (wasNotSent(error)) return 'UNAVAILABLE';
  if (!(error instanceof RpcError)) return undefined;
  return REFUSALS.find(([text]) => text.test(error.message))?.[1];
}

/** A server that answers, and that will not answer otherwise to the same request. */
export function isFinal(error: unknown): boolean {
  const fault = refusal(error);
  return error instanceof KvError || fault === 'TOO_LARGE' || fault === 'INTERNAL';
}

/** A guest's call failed. `reads`: it changed nothing, whatever became of it. */
export function callFailed(where: string, error: unknown, reads: boolean): KvError {
  if (error instanceof KvError) return error;
  const fault = refusal(error) ?? (reads ? 'UNAVAILABLE' : 'UNKNOWN_OUTCOME');
  return new KvError(fault, `${where}: ${explain(error)}`, { cause: error });
}

/** The keyspace cannot be opened. */
export function openFailed(where: string, error: unknown): WasmstateError {
  if (error instanceof WasmstateError) return error;
  const code = isMisconfigured(error) ? 'CONFIG_INVALID' : 'UNAVAILABLE';
  return new WasmstateError(code, `${where}: ${explain(error)}`, { cause: error });
}

/** The server refuses user or password, now and later. */
export function isMisconfigured(error: unknown): boolean {
  return says(error, /etcdserver: .*(auth|user name|permission denied)/);
}

/** Words for people. etcd repeats no credentials. */
function explain(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  if (isMisconfigured(error)) {
    return `the server refuses user or password (${text}); set them in kv.username and kv.password`;
  }
  if (/database space exceeded/.test(text)) {
    return `${text}; compact and defragment it, then disarm the alarm NOSPACE`;
  }
  return text;
}

import {
  ClientClosedError,
  EtcdAuthenticationFailedError,
  EtcdError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  GRPCUnavailableError,
} from 'etcd3';
import { WasmstateError } from '../../error.ts';
import { KvError, type KvFault } from '../kv-error.ts';
import { TOKEN_EXPIRED } from './token.ts';

/** The lease that a put named has expired, or the server lost it; nothing was written. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof KvError && error.cause instanceof EtcdLeaseInvalidError;
}

/** A request was not done for what it holds, which may be the fault of one part of it. */
export function isRefused(error: unknown): boolean {
  return error instanceof KvError && (error.fault === 'TOO_LARGE' || error.fault === 'INTERNAL');
}

/** No connection could be had, or no token: the same request may be sent again. */
export function wasNotSent(error: unknown): boolean {
  if (error instanceof ClientClosedError || isTokenExpired(error)) return true;
  // grpc-js tells apart what failed before a stream began by its text alone.
  return (
    error instanceof GRPCUnavailableError &&
    /No connection established|Name resolution failed/.test(error.message)
  );
}

/** What etcd answers before a request is proposed; other than these it may still be applied. */
const REFUSALS: readonly (readonly [RegExp, KvFault])[] = [
  [/request is too large|too many operations|trying to send message larger/i, 'TOO_LARGE'],
  [/no leader|too many requests|not capable|learner|auth|permission|user name/i, 'UNAVAILABLE'],
  [/database space exceeded|corrupt/i, 'INTERNAL'],
];

function isTokenExpired(error: unknown): boolean {
  return error instanceof Error && error.message.includes(TOKEN_EXPIRED);
}

function refusal(error: unknown): KvFault | undefined {
  if (wasNotSent(error)) return 'UNAVAILABLE';
  if (!(error instanceof Error)) return undefined;
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

function isMisconfigured(error: unknown): boolean {
  return (
    error instanceof EtcdAuthenticationFailedError ||
    error instanceof EtcdPermissionDeniedError ||
    (error instanceof EtcdError && /user name|auth/.test(error.message))
  );
}

/** Words for people. Neither etcd nor grpc-js repeats credentials. */
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

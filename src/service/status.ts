import { BadRequest, ErrorInfo } from '../gen/google/rpc/error_details.ts';
import { Status } from '../gen/google/rpc/status.ts';
import { WasmstateError, type ErrorCode } from '../error.ts';
import {
  GuestError,
  STATUS_CODES,
  type GuestFault,
  type StatusName,
} from '../guest/guest-error.ts';

/** A gRPC status as it goes out. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  /** Serialised google.rpc.Status, for the trailer `grpc-status-details-bin`. */
  readonly details?: Buffer;
}

const STATUS_OF: Readonly<Record<Exclude<ErrorCode, 'GUEST_ERROR'>, StatusName>> = {
  CONFIG_INVALID: 'INVALID_ARGUMENT',
  MODULE_REFUSED: 'FAILED_PRECONDITION',
  SOCKET_UNAVAILABLE: 'UNAVAILABLE',
  NOT_INITIALISED: 'FAILED_PRECONDITION',
  UNSUPPORTED: 'UNIMPLEMENTED',
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  GUEST_FAILED: 'INTERNAL',
  LIMIT_EXCEEDED: 'RESOURCE_EXHAUSTED',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  CANCELLED: 'CANCELLED',
  UNAVAILABLE: 'UNAVAILABLE',
  INTERNAL: 'INTERNAL',
};

const DOMAIN = 'wasmstate';

/**
 * Bytes of UTF-8. The text goes out in a header, percent-encoded, and twice more in a detail;
 * all of it must stay below the 64 KiB of headers that HTTP/2 implementations take.
 */
const MAX_MESSAGE = 8192;

/**
 * Maps any error to the status that daprd understands: it reads `grpc-status-details-bin`
 * and acts on it only where there is exactly one detail (dapr/pkg/components/pluggable).
 */
export function toGrpcStatus(error: unknown): GrpcStatus {
  if (error instanceof GuestError) return guestStatus(error.fault, fitting(error.message));
  if (error instanceof WasmstateError && error.code !== 'GUEST_ERROR') {
    return { code: STATUS_CODES[STATUS_OF[error.code]], message: fitting(error.message) };
  }
  return {
    code: STATUS_CODES.INTERNAL,
    message: fitting(`wasmstate failed: ${error instanceof Error ? error.message : String(error)}`),
  };
}

function fitting(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MAX_MESSAGE) return message;
  // As a stream, a character that the cut went through is left out.
  const text = new TextDecoder().decode(bytes.subarray(0, MAX_MESSAGE), { stream: true });
  return `${text} [cut]`;
}

function guestStatus(fault: GuestFault, message: string): GrpcStatus {
  const code = STATUS_CODES[statusName(fault)];
  const detail = statusDetail(fault, message);
  return detail === undefined
    ? { code, message }
    : {
        code,
        message,
        details: Buffer.from(Status.encode({ code, message, details: [detail] }).finish()),
      };
}

function statusName(fault: GuestFault): StatusName {
  switch (fault.reason) {
    case 'ETAG_MISMATCH':
      return 'FAILED_PRECONDITION';
    case 'ETAG_INVALID':
      return 'INVALID_ARGUMENT';
    case 'ROW_MISMATCH':
      return 'INTERNAL';
    case 'KIT_ERROR':
    case '':
      return fault.code;
  }
}

function statusDetail(fault: GuestFault, message: string) {
  switch (fault.reason) {
    case 'ETAG_MISMATCH':
    case 'ETAG_INVALID':
      return any(
        'google.rpc.BadRequest',
        BadRequest.encode({ fieldViolations: [{ field: 'etag', description: message }] }).finish(),
      );
    case 'ROW_MISMATCH':
      return errorInfo(fault.reason, {
        expected: String(fault.expected),
        affected: String(fault.affected),
      });
    case 'KIT_ERROR': {
      const tag = fitting(fault.tag);
      return errorInfo(tag, { kit_error: 'true', http_code: String(fault.httpCode), tag });
    }
    case '':
      return undefined;
  }
}

function errorInfo(reason: string, metadata: Record<string, string>) {
  return any(
    'google.rpc.ErrorInfo',
    ErrorInfo.encode({ reason, domain: DOMAIN, metadata }).finish(),
  );
}

function any(message: string, value: Uint8Array) {
  return { typeUrl: `type.googleapis.com/${message}`, value: Buffer.from(value) };
}

import { WasmstateError } from '../error.ts';

/** gRPC's status codes by name, without OK: https://grpc.io/docs/guides/status-codes/ */
export const STATUS_CODES = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof STATUS_CODES;

/** What a guest's error payload says, without its message. */
export type GuestFault =
  | { readonly reason: 'ETAG_MISMATCH' | 'ETAG_INVALID' }
  | { readonly reason: 'ROW_MISMATCH'; readonly expected: number; readonly affected: number }
  | {
      readonly reason: 'KIT_ERROR';
      readonly code: StatusName;
      readonly httpCode: number;
      readonly tag: string;
    }
  | { readonly reason: ''; readonly code: StatusName };

/** An error that the guest itself answered with; the instance behind it is well. */
export class GuestError extends WasmstateError {
  readonly fault: GuestFault;

  constructor(message: string, fault: GuestFault) {
    super('GUEST_ERROR', message);
    this.fault = fault;
  }
}

/**
 * Reads a guest's error: JSON with `code`, `reason` and `message` where the text begins with
 * `{` and has that shape, else plain text, which stands for UNKNOWN.
 */
export function parseGuestError(text: string): GuestError {
  const payload = text.startsWith('{') ? parseObject(text) : undefined;
  const fault = payload === undefined ? undefined : readFault(payload);
  if (payload !== undefined && fault !== undefined) {
    const { message } = payload;
    return new GuestError(
      typeof message === 'string' && message !== '' ? message : fault.reason,
      fault,
    );
  }
  return new GuestError(text || 'the guest reported an error without a text', {
    reason: '',
    code: 'UNKNOWN',
  });
}

type Payload = Readonly<Record<string, unknown>>;

function parseObject(text: string): Payload | undefined {
  try {
    return JSON.parse(text) as Payload;
  } catch {
    return undefined;
  }
}

/** Written by hand as every plugin thread would carry a schema library for this alone. */
function readFault(payload: Payload): GuestFault | undefined {
  const { reason = '', code, expected, affected, httpCode, tag } = payload;
  switch (reason) {
    case 'ETAG_MISMATCH':
    case 'ETAG_INVALID':
      return { reason };
    case 'ROW_MISMATCH':
      return isCount(expected) && isCount(affected) ? { reason, expected, affected } : undefined;
    case 'KIT_ERROR':
      return isStatusName(code) && isHttpError(httpCode) && typeof tag === 'string'
        ? { reason, code, httpCode, tag }
        : undefined;
    case '':
      return isStatusName(code) ? { reason, code } : undefined;
    default:
      return undefined;
  }
}

function isStatusName(value: unknown): value is StatusName {
  return typeof value === 'string' && Object.hasOwn(STATUS_CODES, value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function isHttpError(value: unknown): value is number {
  return isCount(value) && value >= 400 && value <= 599;
}

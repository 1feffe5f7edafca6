import { WasmstateError, type ErrorCode } from '../error.ts';

/** As kv.proto's ErrorCode says, which also tells what each means for a commit. */
export type KvFault =
  | 'INVALID_ARGUMENT'
  | 'TOO_LARGE'
  | 'UNAVAILABLE'
  | 'DEADLINE_EXCEEDED'
  | 'UNKNOWN_OUTCOME'
  | 'INTERNAL';

const CODES: Readonly<Record<KvFault, ErrorCode>> = {
  INVALID_ARGUMENT: 'INVALID_ARGUMENT',
  TOO_LARGE: 'LIMIT_EXCEEDED',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  UNKNOWN_OUTCOME: 'UNAVAILABLE',
  INTERNAL: 'INTERNAL',
};

/** What a key-value engine answers instead of a result; `fault` is what the guest is told. */
export class KvError extends WasmstateError {
  readonly fault: KvFault;

  constructor(fault: KvFault, message: string, options?: { cause?: unknown }) {
    super(CODES[fault], message, options);
    this.fault = fault;
  }
}

/** What went wrong, as a stable word that callers may compare. */
export type ErrorCode =
  /** Settings, a flag or a manifest that cannot be used. */
  | 'CONFIG_INVALID'
  /** A Wasm module that the host will not load. */
  | 'MODULE_REFUSED'
  /** A socket that another process serves, or a folder that cannot be written. */
  | 'SOCKET_UNAVAILABLE'
  /** A call that came before Init, or after close. */
  | 'NOT_INITIALISED'
  /** A method that this plugin does not support. */
  | 'UNSUPPORTED'
  /** Bytes that are not the message they should be, or a value outside its range. */
  | 'INVALID_ARGUMENT'
  /** The guest answered with an error of its own; `status` says which. */
  | 'GUEST_ERROR'
  /** The guest trapped, exited, or answered with something that breaks the calling convention. */
  | 'GUEST_FAILED'
  /** A limit on memory, size, queue or rate. */
  | 'LIMIT_EXCEEDED'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  /** The plugin, its thread or its engine cannot answer now; a later call may succeed. */
  | 'UNAVAILABLE'
  /** A fault of this program. */
  | 'INTERNAL';

/**
 * The one error type of wasmstate. The message says what was wrong, where, and what to do, and
 * never holds the value of a component's property.
 */
export class WasmstateError extends Error {
  override readonly name = 'WasmstateError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

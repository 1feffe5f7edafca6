/** Codes of gRPC that are told apart here. */
export const Status = {
  ok: 0,
  cancelled: 1,
  internal: 13,
  unavailable: 14,
} as const;

/** A call that did not succeed. The message is the server's own where it gave one. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** Of gRPC. */
  readonly code: number;
  /** false: the server surely did nothing for it. */
  readonly reached: boolean;

  constructor(code: number, message: string, reached: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.reached = reached;
  }
}

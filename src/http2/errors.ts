/** Error codes (RFC 9113, section 7). */
export const ERROR = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

const NAMES = Object.keys(ERROR);

/** For messages; later versions may have other codes. */
export function errorName(code: number): string {
  return NAMES[code] ?? `error ${code}`;
}

/** The other side broke the protocol in a way that ends the connection (RFC 9113, section 5.4.1). */
export class Http2Fault extends Error {
  override readonly name = 'Http2Fault';
  /** Of ERROR; what GOAWAY tells the other side. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The fault that has no code of its own. */
export function broken(what: string): Http2Fault {
  return new Http2Fault(ERROR.PROTOCOL_ERROR, what);
}

/** RFC 9113, section 7; the numbers are their places. */
const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

export type Http2Code = (typeof CODES)[number];

export function codeNumber(code: Http2Code): number {
  return CODES.indexOf(code);
}

export function codeName(number: number): string {
  return CODES[number] ?? `error ${number}`;
}

/** The other side broke the protocol; the connection is of no use any more. */
export class Http2Fault extends Error {
  override readonly name = 'Http2Fault';
  readonly code: Http2Code;

  constructor(code: Http2Code, message: string) {
    super(`not HTTP/2: ${message}`);
    this.code = code;
  }
}

/** A request that got no answer. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
  /** false: the server surely did nothing for it. */
  readonly reached: boolean;

  constructor(message: string, reached: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.reached = reached;
  }
}

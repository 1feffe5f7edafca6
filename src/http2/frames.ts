/** Frame types (RFC 9113, section 6). */
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FLAG = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const;

/** A client's first words (RFC 9113, section 3.4). */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Bytes of every frame before its payload. */
export const FRAME_HEADER = 9;

/** Bytes of a payload that every side takes; none here asks for more. */
export const FRAME_SIZE = 16_384;

/** The last number of a stream; the bit above it means nothing (RFC 9113, section 4.1). */
export const LARGEST_STREAM = 2 ** 31 - 1;

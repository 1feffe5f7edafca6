import { WasmstateError } from '../error.ts';

interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

/** Reads what a caller sent. Throws INVALID_ARGUMENT where that is not the message. */
export function decodeRequest<T>(message: Decoder<T>, name: string, bytes: Uint8Array): T {
  try {
    return message.decode(bytes);
  } catch (cause) {
    const text = `the request of ${bytes.length} bytes is no ${name}: ${(cause as Error).message}`;
    throw new WasmstateError('INVALID_ARGUMENT', text, { cause });
  }
}

/** Reads what a guest answered. Throws GUEST_FAILED where that is not the message. */
export function decodeResponse<T>(message: Decoder<T>, name: string, bytes: Uint8Array): T {
  try {
    return message.decode(bytes);
  } catch (cause) {
    const text = `the guest's answer of ${bytes.length} bytes is no ${name}: ${(cause as Error).message}`;
    throw new WasmstateError('GUEST_FAILED', text, { cause });
  }
}

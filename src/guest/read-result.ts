import { WasmstateError } from '../error.ts';
import { parseGuestError } from './guest-error.ts';
import type { MemoryView } from './memory-view.ts';

const ERROR_BIT = 0x8000_0000;
const MAX_ERROR_TEXT = 65_536;

const parts = new DataView(new ArrayBuffer(8));

export interface ResultRules {
  readonly hasErrorBit: boolean;
  /** Bytes; a longer response is refused before it is copied. */
  readonly maxResponse: number;
}

/**
 * Copies what a guest's `ptr << 32 | size` points at. Throws the guest's own error where the
 * error bit is set, LIMIT_EXCEEDED for a response that nobody could receive, and GUEST_FAILED
 * where the result lies outside the memory.
 */
export function readResult(packed: bigint, memory: MemoryView, rules: ResultRules): Buffer {
  // Cheaper than shifts, which make a bigint each.
  parts.setBigInt64(0, packed);
  const pointer = parts.getUint32(0);
  const low = parts.getUint32(4);
  const isError = rules.hasErrorBit && low >= ERROR_BIT;
  const size = isError ? low - ERROR_BIT : low;
  if (!memory.contains(pointer, size)) {
    throw new WasmstateError(
      'GUEST_FAILED',
      `the result is said to be ${size} bytes at ${pointer}, outside the guest's memory of ${memory.byteLength} bytes`,
    );
  }
  if (isError) {
    const end = pointer + Math.min(size, MAX_ERROR_TEXT);
    throw parseGuestError(Buffer.from(memory.bytes.subarray(pointer, end)).toString('utf8'));
  }
  if (size > rules.maxResponse) throw answerTooLong(size, rules.maxResponse);
  // A slice of the pool that Node keeps for small buffers is cheaper than one of its own.
  const response = Buffer.allocUnsafe(size);
  response.set(memory.bytes.subarray(pointer, pointer + size));
  return response;
}

export function answerTooLong(size: number, maxResponse: number): WasmstateError {
  return new WasmstateError(
    'LIMIT_EXCEEDED',
    `the answer of ${size} bytes is above the ${maxResponse} bytes that daprd receives; ask for fewer keys or smaller values`,
  );
}

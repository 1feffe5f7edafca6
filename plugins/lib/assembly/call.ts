// The calling convention: the result of a call is an address and a size in one number. It stays
// valid until the next call of any export but `malloc` and `free`.
import { ByteBuffer } from './byte-buffer';
import { failure, invalidArgument } from './failure';
import { collectGarbage } from './garbage';
import { clearLack, lacksMemory } from './memory/lack';
import { Writer } from './wire/writer';

/** Bit 31 of the size: the answer is an error. */
const ERROR: u64 = 0x80000000;
/** Bytes that the response buffer keeps between calls. */
const KEPT: u32 = 0x40000;

/** The response of the current call. */
export const response = new Writer();

/** Written ahead, as there may be no memory for it when it is needed. */
const memoryFull = new ByteBuffer();
failure.raise(
  'RESOURCE_EXHAUSTED',
  '',
  "the guest's memory is full: delete keys, ask for less, or raise limits.memory",
);
failure.write(memoryFull);

export function beginCall(): void {
  clearLack();
  failure.clear();
  response.reset(KEPT);
}

/** Answers with `response`, or with what went wrong. */
export function endCall(): u64 {
  collectGarbage();
  if (failure.raised) {
    response.reset(KEPT);
    failure.write(response);
  }
  if (lacksMemory()) return result(memoryFull) | ERROR;
  return failure.raised ? result(response) | ERROR : result(response);
}

function result(bytes: ByteBuffer): u64 {
  return bytes.size === 0 ? 0 : ((<u64>bytes.start) << 32) | (<u64>bytes.size);
}

export function malformed(message: string): void {
  invalidArgument('the request is not a ').text(message).text(' message');
}

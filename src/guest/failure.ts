import { WasmstateError } from '../error.ts';
import { GuestExit } from './wasi.ts';

const MAX_FRAMES = 6;

/** The guest's functions on the stack of a trap, innermost first, by name where it has names. */
function guestFrames(error: Error): readonly string[] {
  const frames = [
    ...(error.stack ?? '').matchAll(
      /^\s*at (?:(.+) \()?wasm:\/\/[^:\s]*:(?:wasm-function\[(\d+)\])?/gm,
    ),
  ];
  return frames.map((frame) => frame[1] ?? `function ${frame[2] ?? '?'}`).slice(0, MAX_FRAMES);
}

/**
 * Says what ended a guest's call. Whatever it was, the instance cannot be used again: its
 * code was left in the middle.
 */
export function guestFailure(error: unknown, doing: string): WasmstateError {
  if (error instanceof WasmstateError) {
    return new WasmstateError(error.code, `${doing}: ${error.message}`, { cause: error.cause });
  }
  if (error instanceof GuestExit) {
    return new WasmstateError('GUEST_FAILED', `${doing}: ${error.message}`);
  }
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
    const frames = guestFrames(error);
    const where = frames.length === 0 ? '' : ` in ${frames.join(' < ')}`;
    return new WasmstateError(
      'GUEST_FAILED',
      `${doing}: the guest trapped: ${error.message}${where}`,
    );
  }
  return new WasmstateError('GUEST_FAILED', `${doing}: a host function failed`, { cause: error });
}

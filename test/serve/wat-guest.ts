import * as dapr from '../../src/gen/dapr/proto/components/v1/state.ts';
import { assemble } from '../guest/binary/assemble.ts';

/** Where the answer to Get lies. */
const VALUE = 3072;

export interface WatGuest {
  /**
   * Bodies of exports that take `$pointer` and `$size` and give an i64, by their names without
   * `state_store_`; `get`, `set` and `delete` answer with an empty message unless they are here.
   */
  readonly exports?: Readonly<Record<string, string>>;
  /** What Get answers for every key, if no body is given for it. */
  readonly value?: string;
  /** Fields of the module before its functions: imports. */
  readonly imports?: string;
  /** Further fields of the module: functions, globals, data (it is free from 256 to 1024). */
  readonly fields?: string;
  /** Of the memory, in pages of 64 KiB. */
  readonly pages?: number;
}

/** A loop that never ends. */
export const SPIN = '(loop (br 0)) (unreachable)';

/** What the guest answers with: so many bytes at a place, as a body of an export. */
export function answer(pointer: number, size: number): string {
  return `(i64.const ${(BigInt(pointer) << 32n) | BigInt(size)})`;
}

/** The same as an error's text. */
export function failure(pointer: number, size: number): string {
  return `(i64.const ${(BigInt(pointer) << 32n) | 0x8000_0000n | BigInt(size)})`;
}

/** Answers with the request's own bytes. */
export const ECHO =
  '(i64.or (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32)) (i64.extend_i32_u (local.get $size)))';

/** Fails with the request's own bytes as the error's text. */
export const ECHO_AS_ERROR = `(i64.or ${ECHO} (i64.const 0x80000000))`;

/** Sleeps by WASI's poll_oneoff; needs `SLEEP_IMPORT` among the imports and `sleepFields`. */
export const SLEEP =
  '(drop (call $poll (i32.const 2048) (i32.const 2112) (i32.const 1) (i32.const 2160)))';
export const SLEEP_IMPORT =
  '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))';

/** How long `SLEEP` sleeps: a subscription to the monotonic clock. */
export function sleepFields(ms: number): string {
  const nanoseconds = Buffer.alloc(8);
  nanoseconds.writeBigUInt64LE(BigInt(ms) * 1_000_000n);
  return `(data (i32.const 2064) "\\01") (data (i32.const 2072) ${bytes(nanoseconds)})`;
}

/** Writes so many bytes at a place to stdout (1) or stderr (2); needs `WRITE_IMPORT`. */
export function write(stream: 1 | 2, pointer: number, size: number): string {
  return `(i32.store (i32.const 2200) (i32.const ${pointer}))
    (i32.store (i32.const 2204) (i32.const ${size}))
    (drop (call $write (i32.const ${stream}) (i32.const 2200) (i32.const 1) (i32.const 2208)))`;
}
export const WRITE_IMPORT =
  '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))';

/** Bytes as a string of WebAssembly text. */
export function bytes(of: Uint8Array | string): string {
  const hex = Array.from(Buffer.from(of), (byte) => `\\${byte.toString(16).padStart(2, '0')}`);
  return `"${hex.join('')}"`;
}

/**
 * A guest of the dapr dialect in WebAssembly text. Its malloc gives the same place from 4096 on
 * again and again, growing the memory where a request needs it, so it never runs out.
 */
export function watGuest({
  exports = {},
  value,
  imports = '',
  fields = '',
  pages = 1,
}: WatGuest): Uint8Array {
  const { GetResponse } = dapr;
  const found = GetResponse.encode({
    ...GetResponse.decode(new Uint8Array()),
    data: Buffer.from(value ?? ''),
  }).finish();
  const bodies = {
    get: answer(VALUE, found.length),
    set: answer(0, 0),
    delete: answer(0, 0),
    ...exports,
  };
  const functions = Object.entries(bodies).map(
    ([name, body]) =>
      `(func (export "${name.includes('_state_store_') ? name : `state_store_${name}`}")
        (param $pointer i32) (param $size i32) (result i64) ${body})`,
  );
  return assemble(`(module
    ${imports}
    (memory (export "memory") ${pages})
    (func (export "malloc") (param $size i32) (result i32)
      (local $pages i32)
      (local.set $pages (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 2)))
      (if (i32.gt_u (local.get $pages) (memory.size))
        (then
          (if (i32.eq
                (memory.grow (i32.sub (local.get $pages) (memory.size)))
                (i32.const -1))
            (then (return (i32.const 0))))))
      (i32.const 4096))
    (func (export "free") (param i32))
    (data (i32.const ${VALUE}) ${bytes(found)})
    (func (export "state_store_api_version") (result i64) (i64.const 1))
    ${fields}
    ${functions.join('\n')})`);
}

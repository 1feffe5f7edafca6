;; Prints 64 KiB at a time without ever ending the line.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(import "wasi_snapshot_preview1" "fd_write"
  (func $fd_write (param i32 i32 i32 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (memory.fill (i32.const 1024) (i32.const 0x2e) (i32.const 65536))
  (i32.store (i32.const 8) (i32.const 1024))
  (i32.store (i32.const 12) (i32.const 65536))
  (loop
    (drop (call $fd_write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 4)))
    (br 0))
  (unreachable))

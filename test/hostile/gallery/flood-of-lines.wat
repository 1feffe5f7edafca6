;; Prints lines without end.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(import "wasi_snapshot_preview1" "fd_write"
  (func $fd_write (param i32 i32 i32 i32) (result i32)))
(data (i32.const 32) "this guest has much to say\n")
(func $harm (param i32 i32) (result i64)
  (i32.store (i32.const 8) (i32.const 32))
  (i32.store (i32.const 12) (i32.const 27))
  (loop
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 4)))
    (br 0))
  (unreachable))

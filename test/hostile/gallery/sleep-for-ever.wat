;; Sleeps for 584 years.
;; caller: DEADLINE_EXCEEDED while the guest waited in a host function
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (memory.fill (i32.const 1024) (i32.const 0) (i32.const 48))
  (i32.store (i32.const 1040) (i32.const 1)) ;; the monotonic clock
  (i64.store (i32.const 1048) (i64.const -1)) ;; so many nanoseconds
  (drop (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4)))
  (unreachable))

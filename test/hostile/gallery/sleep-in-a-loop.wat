;; Sleeps for a tenth of a millisecond, for ever.
;; caller: DEADLINE_EXCEEDED (ran longer|while the guest waited)
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (memory.fill (i32.const 1024) (i32.const 0) (i32.const 48))
  (i32.store (i32.const 1040) (i32.const 1))
  (i64.store (i32.const 1048) (i64.const 100000))
  (loop
    (drop (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4)))
    (br 0))
  (unreachable))

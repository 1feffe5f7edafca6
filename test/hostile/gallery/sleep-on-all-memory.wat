;; Takes all memory up to the cap, writes to every page, and then sleeps for ever on it.
;; caller: DEADLINE_EXCEEDED (ran longer|while the guest waited)
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (memory.fill (i32.const 131072) (i32.const 1)
    (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 131072)))
  (memory.fill (i32.const 1024) (i32.const 0) (i32.const 48))
  (i32.store (i32.const 1040) (i32.const 1))
  (i64.store (i32.const 1048) (i64.const -1))
  (drop (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 4)))
  (unreachable))

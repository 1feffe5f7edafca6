;; Asks for 16 MiB of random bytes again and again.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (drop (memory.grow (i32.const 300)))
  (loop (drop (call $random_get (i32.const 131072) (i32.const 16777216))) (br 0))
  (unreachable))

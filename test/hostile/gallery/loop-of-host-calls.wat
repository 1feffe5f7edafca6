;; A loop that asks the host for the time and never ends.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(import "wasi_snapshot_preview1" "clock_time_get"
  (func $clock_time_get (param i32 i64 i32) (result i32)))
(func $harm (param i32 i32) (result i64)
  (loop
    (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 1024)))
    (br 0))
  (unreachable))

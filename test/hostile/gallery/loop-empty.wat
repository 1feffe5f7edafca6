;; A loop that does nothing and never ends.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $harm (param i32 i32) (result i64)
  (loop (br 0))
  (unreachable))

;; A loop that grows its memory by nothing.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $harm (param i32 i32) (result i64)
  (loop (drop (memory.grow (i32.const 0))) (br 0))
  (unreachable))

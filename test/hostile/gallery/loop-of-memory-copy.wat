;; Moves one half of its memory onto the other, to and fro.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $harm (param i32 i32) (result i64)
  (drop (memory.grow (i32.const 1000)))
  (loop
    (memory.copy (i32.const 0) (i32.const 32000000) (i32.const 32000000))
    (memory.copy (i32.const 16000000) (i32.const 0) (i32.const 32000000))
    (br 0))
  (unreachable))

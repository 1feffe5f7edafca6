;; Takes all memory that there is and fills it again and again: each turn is one long instruction.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $harm (param i32 i32) (result i64)
  (loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (loop
    (memory.fill (i32.const 0) (i32.const 0x5a) (i32.shl (memory.size) (i32.const 16)))
    (br 0))
  (unreachable))

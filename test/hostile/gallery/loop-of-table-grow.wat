;; Grows a table until it cannot, and goes on trying.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(table $t 1 funcref)
(func $harm (param i32 i32) (result i64)
  (loop (drop (table.grow $t (ref.null func) (i32.const 1))) (br 0))
  (unreachable))

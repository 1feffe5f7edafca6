;; Answers, and then never returns from free.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(global $harmed (mut i32) (i32.const 0))
(func (export "free") (param i32)
  (loop (br_if 0 (global.get $harmed))))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (i64.const 0))

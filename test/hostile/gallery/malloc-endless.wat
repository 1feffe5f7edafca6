;; Its malloc never returns, once it was asked for harm.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
;; trigger: second
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (loop (br_if 0 (global.get $harmed)))
  (i32.const 65536))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (i64.const 0))

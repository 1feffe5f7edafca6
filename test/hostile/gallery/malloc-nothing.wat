;; Its malloc has no memory for anybody, once it was asked for harm.
;; caller: INTERNAL malloc\(\d+\) gave no memory
;; trigger: second
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (if (result i32) (global.get $harmed) (then (i32.const 0)) (else (i32.const 65536))))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (i64.const 0))

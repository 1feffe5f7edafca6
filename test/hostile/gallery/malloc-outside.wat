;; Its malloc gives a place outside the memory, once it was asked for harm.
;; caller: INTERNAL malloc\(\d+\) gave 4294967040, outside the guest's memory
;; trigger: second
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (select (i32.const -256) (i32.const 65536) (global.get $harmed)))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (i64.const 0))

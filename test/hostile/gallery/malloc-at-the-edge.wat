;; Its malloc gives the last four bytes of the memory, whatever is asked for.
;; caller: INTERNAL malloc\(\d+\) gave 131068, outside the guest's memory
;; trigger: second
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (select (i32.const 131068) (i32.const 65536) (global.get $harmed)))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (i64.const 0))

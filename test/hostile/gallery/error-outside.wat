;; Says that it failed, and that the reason stands outside its memory.
;; caller: INTERNAL outside the guest's memory
(func $harm (param i32 i32) (result i64)
  (i64.const 0xffff0000_80001000))

;; Divides by zero in a function with a name, called by another.
;; caller: INTERNAL divide by zero in inner_of_guest < outer_of_guest < harm
(func $inner_of_guest (param i32) (result i32)
  (i32.div_u (i32.const 1) (local.get 0)))
(func $outer_of_guest (param i32) (result i32)
  (i32.add (i32.const 1) (call $inner_of_guest (local.get 0))))
(func $harm (param i32 i32) (result i64)
  (i64.extend_i32_u (call $outer_of_guest (i32.const 0))))

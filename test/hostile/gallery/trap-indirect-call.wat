;; Calls through a table what has another signature.
;; caller: INTERNAL the guest trapped: .*(signature|null function)
(type $wanted (func (param f64) (result i64)))
(table 2 funcref) (elem (i32.const 0) $harm)
(func $harm (param i32 i32) (result i64)
  (call_indirect (type $wanted) (f64.const 1) (i32.const 0)))

;; The same through a table, where nobody can tell from the code who calls whom.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(type $t (func (param i32)))
(table 1 funcref) (elem (i32.const 0) $tree)
(func $tree (type $t)
  (if (local.get 0) (then
    (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0))
    (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
(func $harm (param i32 i32) (result i64)
  (call $tree (i32.const 90))
  (unreachable))

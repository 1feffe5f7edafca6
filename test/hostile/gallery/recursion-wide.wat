;; Calls itself twice at each of 90 levels: never deep, never a loop, and never done.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $tree (param i32)
  (if (local.get 0) (then
    (call $tree (i32.sub (local.get 0) (i32.const 1)))
    (call $tree (i32.sub (local.get 0) (i32.const 1))))))
(func $harm (param i32 i32) (result i64)
  (call $tree (i32.const 90))
  (unreachable))

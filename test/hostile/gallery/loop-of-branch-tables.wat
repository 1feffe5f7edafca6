;; A state machine as compilers make it of goto, whose states lead to each other for ever.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $harm (param i32 i32) (result i64) (local $state i32)
  (loop $machine
    (block $three (block $two (block $one
      (br_table $one $two $three (local.get $state)))
      (local.set $state (i32.const 1)) (br $machine))
      (local.set $state (i32.const 2)) (br $machine))
    (local.set $state (i32.const 0))
    (br $machine))
  (unreachable))

;; A loop that calls a function of the guest and never ends.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $step (param i32) (result i32)
  (i32.add (local.get 0) (i32.const 1)))
(func $harm (param i32 i32) (result i64) (local $i i32)
  (loop
    (local.set $i (call $step (local.get $i)))
    (br_if 0 (i32.ne (local.get $i) (i32.const -1)))
    (br 0))
  (unreachable))

;; Fails with JSON nested so deeply that a parser may run out of stack, and longer than a header
;; that has to carry it.
;; caller: UNKNOWN ^\{
(func $harm (param i32 i32) (result i64) (local $at i32)
  (local.set $at (i32.const 131072))
  (drop (memory.grow (i32.const 4)))
  (loop $l
    (i32.store (local.get $at) (i32.const 0x3a22227b)) ;; {"":
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (br_if $l (i32.lt_u (local.get $at) (i32.const 393216))))
  (i64.const 0x00020000_80040000))

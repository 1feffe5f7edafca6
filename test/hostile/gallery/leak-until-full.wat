;; Each such call takes 8 MiB more and gives none back, until there is nothing left.
;; caller: INTERNAL the guest trapped: unreachable in harm
;; trigger: repeated
(global $heap (mut i32) (i32.const 131072))
(func $harm (param i32 i32) (result i64)
  (if (i32.eq (memory.grow (i32.const 128)) (i32.const -1)) (then (unreachable)))
  (memory.fill (global.get $heap) (i32.const 1) (i32.const 8388608))
  (global.set $heap (i32.add (global.get $heap) (i32.const 8388608)))
  (i64.const 0))

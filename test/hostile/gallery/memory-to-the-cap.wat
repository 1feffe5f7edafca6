;; Takes all memory up to the cap, writes to every page, and gives up as allocators do.
;; caller: INTERNAL unreachable in harm
(func $harm (param i32 i32) (result i64) (local $at i32)
  (loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (memory.fill (i32.const 131072) (i32.const 1)
    (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 131072)))
  (unreachable))

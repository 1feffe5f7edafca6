;; Fails with a reason of 60 MiB.
;; caller: UNKNOWN ^x+
(func $harm (param i32 i32) (result i64)
  (drop (memory.grow (i32.const 960)))
  (memory.fill (i32.const 131072) (i32.const 0x78) (i32.const 131072))
  (i64.const 0x00020000_83c00000))

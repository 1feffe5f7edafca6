;; Reads behind the end of its memory.
;; caller: INTERNAL memory access out of bounds in harm
(func $harm (param i32 i32) (result i64)
  (i64.load (i32.const -8)))

;; Answers with 60 MiB, all in its memory; daprd receives 4 MiB.
;; caller: RESOURCE_EXHAUSTED 62914560 bytes is above the 4194304 bytes
(func $harm (param i32 i32) (result i64)
  (drop (memory.grow (i32.const 960)))
  (i64.const 0x00020000_03c00000))

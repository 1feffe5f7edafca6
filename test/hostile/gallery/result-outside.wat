;; Answers with a place behind the end of its memory.
;; caller: INTERNAL 100 bytes at 4294967280, outside the guest's memory of 131072 bytes
(func $harm (param i32 i32) (result i64)
  (i64.const 0xfffffff0_00000064))

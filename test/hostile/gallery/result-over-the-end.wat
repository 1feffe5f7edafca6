;; Answers with a place that begins inside its memory and ends outside.
;; caller: INTERNAL 32 bytes at 131070, outside the guest's memory
(func $harm (param i32 i32) (result i64)
  (i64.const 0x0001fffe_00000020))

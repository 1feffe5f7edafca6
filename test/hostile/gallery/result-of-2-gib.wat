;; Says that its answer has 2 GiB less a byte.
;; caller: INTERNAL 2147483647 bytes at 0, outside the guest's memory
(func $harm (param i32 i32) (result i64)
  (i64.const 0x7fffffff))

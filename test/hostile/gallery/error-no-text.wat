;; Fails with a reason that is not UTF-8, and has line ends and zeros for those who write logs.
;; caller: UNKNOWN .
(data (i32.const 32) "\ff\fe\00\0a\0d\0a\c0\80\ed\a0\80{\22code\22:")
(func $harm (param i32 i32) (result i64)
  (i64.const 0x00000020_80000014))

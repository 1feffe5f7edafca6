;; Fails with the right JSON whose fields are of the wrong kinds.
;; caller: UNKNOWN "reason":"ROW_MISMATCH"
(data (i32.const 32) "{\22reason\22:\22ROW_MISMATCH\22,\22expected\22:\22many\22,\22code\22:[],\22message\22:{}}")
(func $harm (param i32 i32) (result i64)
  (i64.const 0x00000020_8000003f))

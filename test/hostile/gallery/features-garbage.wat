;; Tells features that are no message.
;; init: INTERNAL failed in Features: the response is not the message that it should be
(data (i32.const 32) "\0a\ff\ff\ff\ff\0f")
(func (export "state_store_features") (param i32 i32) (result i64)
  (i64.const 0x00000020_00000006))

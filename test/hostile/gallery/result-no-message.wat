;; Answers with bytes that are no protobuf message.
;; caller: INTERNAL the response is not the message that it should be
(data (i32.const 32) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
(func $harm (param i32 i32) (result i64)
  (i64.const 0x00000020_0000000c))

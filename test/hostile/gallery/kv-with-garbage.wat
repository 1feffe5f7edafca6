;; Gives the key-value capability bytes that are no request.
;; manifest: kv: { engine: memory }
;; caller: (INTERNAL|OK) .*
(import "kv" "commit" (func $commit (param i32 i32) (result i64)))
(data (i32.const 32) "\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff\ff")
(func $harm (param i32 i32) (result i64)
  (drop (call $commit (i32.const 32) (i32.const 16)))
  (i64.const 0))

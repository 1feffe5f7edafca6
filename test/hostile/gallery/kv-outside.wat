;; Gives the key-value capability a request that lies outside its memory.
;; manifest: kv: { engine: memory }
;; caller: INTERNAL kv.get was called with 4294967295 bytes at 4294967295, outside
(import "kv" "get" (func $get (param i32 i32) (result i64)))
(func $harm (param i32 i32) (result i64)
  (call $get (i32.const -1) (i32.const -1)))

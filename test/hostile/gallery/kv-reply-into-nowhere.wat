;; Its malloc gives the host a place outside the memory for a reply of the key-value capability.
;; manifest: kv: { engine: memory }
;; caller: INTERNAL malloc\(\d+\) gave 4294967040, outside
(import "kv" "limits" (func $limits (param i32 i32) (result i64)))
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (select (i32.const -256) (i32.const 65536) (global.get $harmed)))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (call $limits (i32.const 0) (i32.const 0)))

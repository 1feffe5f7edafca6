;; Its malloc, which the host calls for a reply of the key-value capability, asks that capability
;; again, and so on.
;; manifest: kv: { engine: memory }
;; caller: (INTERNAL|DEADLINE_EXCEEDED) .
(import "kv" "limits" (func $limits (param i32 i32) (result i64)))
(global $harmed (mut i32) (i32.const 0))
(func (export "malloc") (param i32) (result i32)
  (if (global.get $harmed)
    (then (drop (call $limits (i32.const 0) (i32.const 0)))))
  (i32.const 65536))
(func $harm (param i32 i32) (result i64)
  (global.set $harmed (i32.const 1))
  (call $limits (i32.const 0) (i32.const 0)))

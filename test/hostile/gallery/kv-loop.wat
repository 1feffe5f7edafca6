;; Asks the key-value capability for its limits, for ever.
;; manifest: kv: { engine: memory }
;; caller: DEADLINE_EXCEEDED (ran longer|while the guest waited)
(import "kv" "limits" (func $limits (param i32 i32) (result i64)))
(func $harm (param i32 i32) (result i64)
  (loop (drop (call $limits (i32.const 0) (i32.const 0))) (br 0))
  (unreachable))

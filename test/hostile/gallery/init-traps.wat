;; Traps in Init.
;; init: INTERNAL the guest trapped: unreachable in broken_init
(func $broken_init (export "state_store_init") (param i32 i32) (result i64)
  (unreachable))

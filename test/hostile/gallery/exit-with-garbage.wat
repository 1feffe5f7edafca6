;; Ends itself with a code that no process has.
;; caller: INTERNAL ended itself with exit code
(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
(func $harm (param i32 i32) (result i64)
  (call $proc_exit (i32.const -2147483648))
  (unreachable))

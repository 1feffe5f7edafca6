;; A command that fails: its _start ends with another code than 0.
;; load: ended itself with exit code 7
(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
(func (export "_start") (call $proc_exit (i32.const 7)))

;; Would catch whatever ends it.
;; load: exception handling.*first in function \d+ \(stubborn\)
(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
(func $stubborn
  (loop $again
    (try (do (call $proc_exit (i32.const 1))) (catch_all))
    (br $again)))

;; Imports what no host lends, and lacks what every guest has.
;; load: import "env" "system" \(i32\) -> i32.*import "wasi_snapshot_preview1" "fd_write" \(i64\)
(import "env" "system" (func (param i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func (param i64) (result i32)))
(import "kv" "get" (func (param i32 i32) (result i64)))

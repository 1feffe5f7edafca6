;; Calls host functions with pointers, sizes and counts that nobody could mean. Each must
;; answer with an error number; the guest adds them up and answers that it is fine.
;; caller: OK
(import "wasi_snapshot_preview1" "fd_write"
  (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get"
  (func $clock_time_get (param i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_sizes_get"
  (func $environ_sizes_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "poll_oneoff"
  (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "path_open"
  (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(func $refused (param i32)
  (if (i32.eqz (local.get 0)) (then (unreachable))))
(func $harm (param i32 i32) (result i64)
  (call $refused (call $fd_write (i32.const 1) (i32.const -1) (i32.const -1) (i32.const -1)))
  (call $refused (call $fd_write (i32.const 1) (i32.const 131068) (i32.const 1) (i32.const 0)))
  (i32.store (i32.const 8) (i32.const -4))
  (i32.store (i32.const 12) (i32.const 8))
  (call $refused (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))
  (call $refused (call $fd_write (i32.const -1) (i32.const 0) (i32.const 0) (i32.const 0)))
  (call $refused (call $fd_read (i32.const 0) (i32.const -1) (i32.const -1) (i32.const -1)))
  (call $refused (call $fdstat (i32.const 1) (i32.const 131071)))
  (call $refused (call $random_get (i32.const 0) (i32.const -1)))
  (call $refused (call $random_get (i32.const 131071) (i32.const 2)))
  (call $refused (call $clock_time_get (i32.const 1) (i64.const -1) (i32.const 131065)))
  (call $refused (call $clock_time_get (i32.const 99) (i64.const 0) (i32.const 0)))
  (call $refused (call $environ_get (i32.const -4) (i32.const -1)))
  (call $refused (call $environ_sizes_get (i32.const -1) (i32.const 0)))
  (call $refused (call $poll_oneoff (i32.const -1) (i32.const 0) (i32.const 1) (i32.const 0)))
  (call $refused (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const -1) (i32.const 0)))
  (call $refused (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (call $refused (call $path_open (i32.const 3) (i32.const 0) (i32.const -1) (i32.const -1)
    (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const -1)))
  (i64.const 0x00000010_00000006))

;; Its start function traps.
;; load: the guest trapped: unreachable in begin
(func $begin (unreachable))
(start $begin)

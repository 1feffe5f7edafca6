;; Its start function never returns, so it is not even instantiated.
;; load: start function took longer than 1000 ms
(func $begin (loop (br 0)))
(start $begin)

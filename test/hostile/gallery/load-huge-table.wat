;; Wants a table of ten million entries.
;; load: table 0 has 10000000 elements, more than the 262144
(table 10000000 funcref)

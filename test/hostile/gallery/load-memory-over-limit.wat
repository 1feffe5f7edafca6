;; Wants 1 GiB before it even starts.
;; load: its memory has 1024 MiB at the start, more than the limit of 64 MiB
(memory (export "memory") 16384)

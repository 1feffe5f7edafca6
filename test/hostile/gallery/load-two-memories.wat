;; Brings a second memory, which its limit would not count.
;; load: more than one memory
(memory (export "memory") 2)
(memory 2)

;; Brings a memory that other threads could share.
;; load: threads and atomics.*a shared memory
(memory (export "memory") 2 16 shared)

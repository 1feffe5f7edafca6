;; Never says which version of the calling convention it speaks.
;; load: ran longer than 1000 ms
(func (export "state_store_api_version") (result i64)
  (loop (br 0))
  (unreachable))

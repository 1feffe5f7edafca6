;; Speaks another version of the calling convention.
;; load: answers version 2, the host speaks 1
(func (export "state_store_api_version") (result i64) (i64.const 2))

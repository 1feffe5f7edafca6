;; Never tells its features, which the host asks for before the first Init and after each.
;; init: DEADLINE_EXCEEDED ran longer than 1000 ms
(func (export "state_store_features") (param i32 i32) (result i64)
  (loop (br 0))
  (unreachable))

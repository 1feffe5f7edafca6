;; Never returns from _initialize.
;; load: ran longer than 1000 ms
(func (export "_initialize") (loop (br 0)))

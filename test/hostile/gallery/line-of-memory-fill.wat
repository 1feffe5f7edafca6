;; No loop at all: ten thousand instructions in a row that each fill 60 MiB.
;; caller: DEADLINE_EXCEEDED ran longer than 300 ms
(func $fill
  (memory.fill (i32.const 131072) (i32.const 1) (i32.const 62914560)))
(func $ten
  (call $fill) (call $fill) (call $fill) (call $fill) (call $fill)
  (call $fill) (call $fill) (call $fill) (call $fill) (call $fill))
(func $hundred
  (call $ten) (call $ten) (call $ten) (call $ten) (call $ten)
  (call $ten) (call $ten) (call $ten) (call $ten) (call $ten))
(func $thousand
  (call $hundred) (call $hundred) (call $hundred) (call $hundred) (call $hundred)
  (call $hundred) (call $hundred) (call $hundred) (call $hundred) (call $hundred))
(func $harm (param i32 i32) (result i64)
  (drop (memory.grow (i32.const 962)))
  (call $thousand) (call $thousand) (call $thousand) (call $thousand) (call $thousand)
  (call $thousand) (call $thousand) (call $thousand) (call $thousand) (call $thousand)
  (unreachable))

package history

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// read of the key k: ids apart by spaces, under an etag that counts them.
func read(began, ended int, ids string) Operation {
	list := strings.Fields(ids)
	return Operation{Key: "k", Began: ms(began), Ended: ms(ended), List: list, ETag: strings.Repeat("e", len(list))}
}

// wrote is an append to those ids.
func wrote(began, ended int, ids, id string, outcome Outcome) Operation {
	o := read(began, ended, ids)
	o.ETag, o.Appended, o.Outcome = "", id, outcome
	return o
}

func under(o Operation, etag string) Operation {
	o.ETag = etag
	return o
}

func ms(count int) time.Duration { return time.Duration(count) * time.Millisecond }

func TestCheckAccepts(t *testing.T) {
	for says, operations := range map[string][]Operation{
		"writes one after the other": {
			wrote(0, 1, "", "a", Done), read(2, 3, "a"), wrote(4, 5, "a", "b", Done), read(6, 7, "a b"),
		},
		"an unknown outcome that took effect":         {wrote(0, 1, "", "a", Unknown), read(2, 3, "a")},
		"an unknown outcome that did not":             {wrote(0, 1, "", "a", Unknown), read(2, 3, "")},
		"an unknown outcome that took effect late":    {wrote(0, 1, "", "a", Unknown), read(2, 3, ""), read(4, 5, "a")},
		"an id that was tried again":                  {wrote(0, 1, "", "a", Unknown), wrote(2, 3, "", "a", Done), read(4, 5, "a")},
		"a refusal because the first try was late":    {wrote(0, 1, "", "a", Unknown), wrote(2, 3, "", "a", Refused), read(4, 5, "a")},
		"a refusal because another was faster":        {wrote(0, 3, "", "a", Refused), wrote(0, 2, "", "b", Done), read(4, 5, "b")},
		"reads beside a write, with it and without":   {wrote(0, 9, "", "a", Done), read(1, 8, "a"), read(1, 8, ""), read(10, 11, "a")},
		"a read that began before an answer came":     {wrote(0, 4, "", "a", Done), read(3, 6, ""), read(7, 8, "a")},
		"a read that failed":                          {wrote(0, 1, "", "a", Done), {Key: "k", Began: ms(2), Ended: ms(3), Outcome: Unknown}, read(4, 5, "a")},
		"two keys, of which one was never written to": {wrote(0, 1, "", "a", Done), read(2, 3, "a"), {Key: "other", Began: ms(4), Ended: ms(5)}},
	} {
		t.Run(says, func(t *testing.T) {
			for _, violation := range Check(operations) {
				t.Error(violation)
			}
		})
	}
}

func TestCheckFinds(t *testing.T) {
	for _, one := range []struct {
		says       string
		kind       Kind
		operations []Operation
	}{
		{"an acknowledged write that is gone", LostWrite,
			[]Operation{wrote(0, 1, "", "a", Done), read(2, 3, "")}},
		{"two acknowledged writes on one etag", LostWrite,
			[]Operation{wrote(0, 2, "", "a", Done), wrote(0, 2, "", "b", Done), read(3, 4, "b")}},
		{"a write of unknown outcome that was read and is gone", LostWrite,
			[]Operation{wrote(0, 1, "", "a", Unknown), read(2, 3, "a"), read(4, 5, "")}},
		{"a write that put an older list back", LostWrite,
			[]Operation{wrote(0, 1, "", "a", Unknown), wrote(2, 3, "a", "b", Done), read(4, 5, "a b"), read(6, 7, "a")}},
		{"an id that is there twice", DoubleEffect,
			[]Operation{wrote(0, 1, "", "a", Unknown), wrote(2, 3, "a", "a", Done), read(4, 5, "a a")}},
		{"a write that took effect twice in a row", DoubleEffect,
			[]Operation{wrote(0, 1, "", "a", Done), under(read(2, 3, "a"), "1"), under(read(4, 5, "a"), "2")}},
		{"a read that misses an acknowledged write", StaleRead,
			[]Operation{wrote(0, 1, "", "a", Done), read(2, 3, ""), read(4, 5, "a")}},
		{"a read that misses what another had read", StaleRead,
			[]Operation{wrote(0, 9, "", "a", Done), read(1, 2, "a"), read(3, 4, ""), read(10, 11, "a")}},
		{"a refused write that took effect", RefusedEffect,
			[]Operation{wrote(0, 1, "", "a", Refused), read(2, 3, "a")}},
		{"a refusal where nobody was faster", NeedlessRefusal,
			[]Operation{wrote(0, 1, "", "a", Refused), read(2, 3, "")}},
		{"an etag for two values", ReusedETag,
			[]Operation{wrote(0, 1, "", "a", Done), under(read(2, 3, "a"), "1"),
				wrote(4, 5, "a", "b", Done), under(read(6, 7, "a b"), "1")}},
		{"an id that nobody wrote", Phantom,
			[]Operation{read(0, 1, "a")}},
		{"a key that was not read in the end", Unread,
			[]Operation{read(0, 1, ""), wrote(2, 3, "", "a", Done)}},
	} {
		t.Run(one.says, func(t *testing.T) {
			violations := Check(one.operations)
			if !slices.ContainsFunc(violations, func(v Violation) bool { return v.Kind == one.kind }) {
				t.Errorf("no %s was found, but %v", one.kind, violations)
			}
		})
	}
}

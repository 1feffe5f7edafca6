package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Check gives everything in a history that must never be. Keys are independent of each other; each
// needs a read that began after its last write had ended.
func Check(operations []Operation) []Violation {
	byKey := map[string]*register{}
	for _, operation := range operations {
		r := byKey[operation.Key]
		if r == nil {
			r = &register{key: operation.Key, attempts: map[string][]Operation{}}
			byKey[operation.Key] = r
		}
		r.add(operation)
	}
	violations := []Violation{}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		violations = append(violations, byKey[key].check()...)
	}
	return violations
}

// register is one key's history.
type register struct {
	key   string
	reads []Operation
	// attempts to append an id: several where the outcome of the first was unknown.
	attempts   map[string][]Operation
	violations []Violation
}

// add leaves out reads that failed: they say nothing.
func (r *register) add(operation Operation) {
	if !operation.isRead() {
		r.attempts[operation.Appended] = append(r.attempts[operation.Appended], operation)
	} else if operation.Outcome == Done {
		r.reads = append(r.reads, operation)
	}
}

func (r *register) found(kind Kind, format string, arguments ...any) {
	r.violations = append(r.violations, Violation{kind, r.key, fmt.Sprintf(format, arguments...)})
}

func (r *register) check() []Violation {
	last, complete := r.lastRead()
	if !complete {
		r.found(Unread, "%d ids were written and no read followed", len(r.attempts))
		return r.violations
	}
	slices.SortFunc(r.reads, func(a, b Operation) int { return cmp.Compare(a.Began, b.Began) })
	r.checkLists(last.List)
	r.checkETags()
	r.checkWrites(last.List)
	r.checkRecency()
	return r.violations
}

// lastRead is the one that began last, if that was after the last answer to a write.
func (r *register) lastRead() (Operation, bool) {
	if len(r.reads) == 0 {
		return Operation{}, false
	}
	last := slices.MaxFunc(r.reads, func(a, b Operation) int { return cmp.Compare(a.Began, b.Began) })
	for _, attempts := range r.attempts {
		for _, attempt := range attempts {
			if attempt.Ended > last.Began {
				return last, false
			}
		}
	}
	return last, true
}

// checkLists: lists only grow, at their end, and hold an id once.
func (r *register) checkLists(final []string) {
	positions := map[string]int{}
	for position, id := range final {
		if before, twice := positions[id]; twice {
			r.found(DoubleEffect, "%s is there as number %d and as number %d", id, before, position)
		}
		positions[id] = position
		if r.attempts[id] == nil {
			r.found(Phantom, "nobody wrote %s", id)
		}
	}
	for _, read := range r.reads {
		common := min(len(read.List), len(final))
		if len(read.List) > len(final) || !slices.Equal(read.List[:common], final[:common]) {
			r.found(LostWrite, "%v was read at %v, in the end it is %v", read.List, read.Ended, final)
		}
	}
}

// checkETags: each write gives the key another etag. A list under two of them was written twice.
func (r *register) checkETags() {
	etags, lengths := map[int]string{}, map[string]int{}
	for _, read := range r.reads {
		length := len(read.List)
		if etag, known := etags[length]; known && etag != read.ETag {
			r.found(DoubleEffect, "the list of %d ids was read with the etags %s and %s", length, etag, read.ETag)
		}
		if other, known := lengths[read.ETag]; known && other != length {
			r.found(ReusedETag, "%s stood for %d ids and for %d", read.ETag, other, length)
		}
		etags[length], lengths[read.ETag] = read.ETag, length
	}
}

// checkWrites holds what the clients were told against the end.
func (r *register) checkWrites(final []string) {
	for _, id := range slices.Sorted(maps.Keys(r.attempts)) {
		attempts := r.attempts[id]
		took := slices.Contains(final, id)
		has := func(outcome Outcome) bool {
			return slices.ContainsFunc(attempts, func(a Operation) bool { return a.Outcome == outcome })
		}
		if has(Done) && !took {
			r.found(LostWrite, "%s was acknowledged and is not there", id)
		}
		if took && !has(Done) && !has(Unknown) {
			r.found(RefusedEffect, "%s was refused and is there", id)
		}
		for _, attempt := range attempts {
			if attempt.Outcome == Refused && len(final) <= len(attempt.List) {
				r.found(NeedlessRefusal, "%s was refused as number %d, and nobody wrote that", id, len(attempt.List))
			}
		}
	}
}

// checkRecency: a read holds at least what was known before it began, to whomever.
func (r *register) checkRecency() {
	type knowledge struct {
		since  time.Duration
		length int
		by     string
	}
	known := []knowledge{}
	for _, read := range r.reads {
		known = append(known, knowledge{read.Ended, len(read.List), "was read"})
	}
	for id, attempts := range r.attempts {
		for _, attempt := range attempts {
			if attempt.Outcome == Done {
				known = append(known, knowledge{attempt.Ended, len(attempt.List) + 1, id + " was acknowledged"})
			}
		}
	}
	slices.SortFunc(known, func(a, b knowledge) int { return cmp.Compare(a.since, b.since) })
	best := knowledge{}
	for _, read := range r.reads { // in the order in which they began
		for len(known) > 0 && known[0].since < read.Began {
			if known[0].length > best.length {
				best = known[0]
			}
			known = known[1:]
		}
		if len(read.List) < best.length {
			r.found(StaleRead, "%d ids were read by a call that began at %v; number %d %s at %v",
				len(read.List), read.Began, best.length-1, best.by, best.since)
		}
	}
}

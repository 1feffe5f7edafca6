// Package history records what clients of a store asked and were told, and finds what no correct
// store could have told them.
//
// Every key holds a list of ids. A client appends: it reads the list with its etag and writes the
// list with an id more, under that etag or, where there was nothing, as the first write. So what a
// read returns tells which writes took effect before it, and in which order.
package history

import "time"

// Outcome is what a client knows of an operation.
type Outcome int

const (
	// Done was acknowledged.
	Done Outcome = iota
	// Refused met another's write: it must have had no effect.
	Refused
	// Unknown failed, or had no answer: it may have had its effect, or have it later.
	Unknown
)

// Operation is one call. Began and Ended are times since the start of the record.
type Operation struct {
	Key          string
	Began, Ended time.Duration
	Outcome      Outcome
	// Appended is the id that a write added; empty for a read. After an unknown outcome a client
	// may try again with the same id.
	Appended string
	// List that a read returned, or to which a write added.
	List []string
	// ETag that a read returned; empty where there was nothing.
	ETag string
}

func (o Operation) isRead() bool { return o.Appended == "" }

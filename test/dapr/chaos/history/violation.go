package history

import "fmt"

// Kind of what must never be.
type Kind string

const (
	// LostWrite: it was acknowledged, or read, and is gone.
	LostWrite Kind = "lost write"
	// DoubleEffect: a write took effect twice.
	DoubleEffect Kind = "double effect"
	// StaleRead: it misses what had been acknowledged or read before it began.
	StaleRead Kind = "stale read"
	// RefusedEffect: a write that was refused took effect.
	RefusedEffect Kind = "effect of a refused write"
	// NeedlessRefusal: a write was refused although nobody had been faster.
	NeedlessRefusal Kind = "needless refusal"
	// ReusedETag: one etag stood for two values.
	ReusedETag Kind = "reused etag"
	// Phantom: a value that nobody wrote.
	Phantom Kind = "phantom"
	// Unread: the key was not read after its last write, so nothing can be said.
	Unread Kind = "no last read"
)

// Violation is one thing that must never be, on one key.
type Violation struct {
	Kind Kind
	Key  string
	Text string
}

func (v Violation) String() string { return fmt.Sprintf("%s of %s: %s", v.Kind, v.Key, v.Text) }

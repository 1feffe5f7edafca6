package history

import (
	"sync"
	"time"
)

// Recorder collects operations of concurrent clients.
type Recorder struct {
	start      time.Time
	lock       sync.Mutex
	operations []Operation
}

// NewRecorder starts the clock.
func NewRecorder() *Recorder { return &Recorder{start: time.Now()} }

// Now is the time since the start, of a clock that never goes back.
func (r *Recorder) Now() time.Duration { return time.Since(r.start) }

// Add notes an operation that has just ended.
func (r *Recorder) Add(operation Operation) {
	operation.Ended = r.Now()
	r.lock.Lock()
	defer r.lock.Unlock()
	r.operations = append(r.operations, operation)
}

// Operations so far, in the order in which they ended.
func (r *Recorder) Operations() []Operation {
	r.lock.Lock()
	defer r.lock.Unlock()
	return append([]Operation(nil), r.operations...)
}

package chaos

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasmstate.test/dapr/chaos/history"
)

const clients = 12

// workload is clients at work on common lists, with a record of all that they did.
type workload struct {
	store    store
	recorder *history.Recorder
	// acknowledged appends so far.
	acknowledged atomic.Int64
	stopped      atomic.Bool
	group        sync.WaitGroup
	lock         sync.Mutex
	failures     []failure
}

// failure is a call that was neither done nor refused for its etag.
type failure struct {
	began  time.Duration
	reason error
}

func startWorkload(t *testing.T, store store) *workload {
	w := &workload{store: store, recorder: history.NewRecorder()}
	for number := range clients {
		one := &client{name: fmt.Sprintf("c%d", number), work: w, random: source(uint64(100 + number))}
		w.group.Go(one.run)
	}
	t.Cleanup(w.stop)
	return w
}

func (w *workload) stop() {
	w.stopped.Store(true)
	w.group.Wait()
}

// fail notes a call and lets its client wait a little: for the moment nothing may be there to
// answer.
func (w *workload) fail(began time.Duration, reason error) {
	w.lock.Lock()
	w.failures = append(w.failures, failure{began, reason})
	w.lock.Unlock()
	time.Sleep(50 * time.Millisecond)
}

// read gives a list and its etag; ok is false where the call failed.
func (w *workload) read(key string) (list []string, etag string, ok bool) {
	began := w.recorder.Now()
	list, etag, err := w.store.read(key)
	if err != nil {
		w.fail(began, err)
		return nil, "", false
	}
	w.recorder.Add(history.Operation{Key: key, Began: began, List: list, ETag: etag})
	return list, etag, true
}

func (w *workload) readAll(keys []string) {
	began := w.recorder.Now()
	entries, err := w.store.readAll(keys)
	if err != nil {
		w.fail(began, err)
		return
	}
	for key, one := range entries {
		w.recorder.Add(history.Operation{Key: key, Began: began, List: one.List, ETag: one.ETag})
	}
}

// append writes a list with an id more, in place of the one that had the etag.
func (w *workload) append(key string, list []string, etag, id string) history.Outcome {
	began := w.recorder.Now()
	outcome, err := w.store.write(key, append(slices.Clone(list), id), etag)
	w.recorder.Add(history.Operation{Key: key, Began: began, Outcome: outcome, Appended: id, List: list})
	if err != nil {
		w.fail(began, err)
	}
	if outcome == history.Done {
		w.acknowledged.Add(1)
	}
	return outcome
}

// await waits until so many more appends are acknowledged.
func (w *workload) await(t *testing.T, more int64) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for wanted := w.acknowledged.Load() + more; w.acknowledged.Load() < wanted; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not %d appends within 60 s; the last failure: %v", more, w.lastFailure())
		}
	}
}

func (w *workload) lastFailure() error {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.failures) == 0 {
		return nil
	}
	return w.failures[len(w.failures)-1].reason
}

// finish stops the clients, reads everything once more and checks the history.
func (w *workload) finish(t *testing.T) {
	t.Helper()
	w.stop()
	duringWork := len(w.failures)
	keys := map[string]bool{}
	outcomes := map[history.Outcome]int{}
	for _, operation := range w.recorder.Operations() {
		keys[operation.Key] = true
		if operation.Appended != "" {
			outcomes[operation.Outcome]++
		}
	}
	for key := range maps.Keys(keys) {
		deadline := time.Now().Add(60 * time.Second)
		for _, _, read := w.read(key); !read; _, _, read = w.read(key) {
			if time.Now().After(deadline) {
				t.Fatalf("%s cannot be read in the end: %v", key, w.lastFailure())
			}
		}
	}
	operations := w.recorder.Operations()
	t.Logf("%d operations on %d keys; appends: %d done, %d refused, %d unknown; %d calls failed",
		len(operations), len(keys), outcomes[history.Done], outcomes[history.Refused], outcomes[history.Unknown], duringWork)
	violations := history.Check(operations)
	for _, violation := range violations[:min(10, len(violations))] {
		t.Error(violation)
	}
	if len(violations) > 0 {
		t.Errorf("%d violations in all", len(violations))
	}
}

// expectNoFailure fails the test for each call that failed, up to a few.
func (w *workload) expectNoFailure(t *testing.T) {
	t.Helper()
	for _, one := range w.failures[:min(10, len(w.failures))] {
		t.Errorf("a call that began at %v failed: %v", one.began, one.reason)
	}
}

package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

const (
	clients  = 16
	counters = 8
)

// increments are clients at work on common counters.
type increments struct {
	name  string
	store harness.Store
	// How many were acknowledged so far, by all clients.
	acknowledged atomic.Int64
	stopped      atomic.Bool
	// The first thing that must never be, if it was.
	wrong chan error
	group sync.WaitGroup
}

func startIncrements(nodes []*node, name string) *increments {
	work := &increments{name: name, store: nodes[0].daprd.Store("store"), wrong: make(chan error, clients)}
	for number := range clients {
		one := newClient(fmt.Sprintf("client-%d", number), nodes[number%len(nodes)].daprd.Store("store"))
		work.group.Go(func() {
			for i := number; !work.stopped.Load(); i++ {
				if err := one.increment(work.key(i % counters)); err != nil {
					work.wrong <- err
					return
				}
				work.acknowledged.Add(1)
			}
		})
	}
	return work
}

func (w *increments) key(number int) string { return fmt.Sprintf("%s-%d", w.name, number) }

// await waits until so many more increments are acknowledged.
func (w *increments) await(t *testing.T, more int64) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for wanted := w.acknowledged.Load() + more; w.acknowledged.Load() < wanted; {
		select {
		case err := <-w.wrong:
			w.stopped.Store(true)
			t.Fatal(err)
		case <-deadline:
			w.stopped.Store(true)
			t.Fatalf("not %d increments within 60 s", more)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// finish stops the clients and holds the counters against what the clients were told.
func (w *increments) finish(t *testing.T) {
	t.Helper()
	w.stopped.Store(true)
	w.group.Wait()
	close(w.wrong)
	for err := range w.wrong {
		t.Error(err)
	}
	sum := int64(0)
	for number := range counters {
		var value counter
		answer := w.store.Get(w.key(number))
		if err := answer.Decode(&value); err != nil {
			t.Fatalf("%s: status %d, %v %v", w.key(number), answer.Status, err, answer.Err)
		}
		sum += int64(value.Sum)
	}
	if acknowledged := w.acknowledged.Load(); sum != acknowledged {
		t.Errorf("the counters hold %d increments, %d were acknowledged", sum, acknowledged)
	}
}

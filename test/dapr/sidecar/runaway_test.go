package sidecar

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

// TestRunaway: a guest never returns while others call it.
func TestRunaway(t *testing.T) {
	for says, settings := range map[string][]harness.Setting{
		"a guest that is interrupted where it loops":     {{Path: "interrupt", Value: true}},
		"a guest that is ended together with its thread": {{Path: "interrupt", Value: false}},
	} {
		t.Run(says+" fails only the calls in flight", func(t *testing.T) {
			settings = append(settings, harness.Setting{Path: "limits.call", Value: "500ms"})
			plugins := harness.NewPlugins(t).
				Add(t, "test/guests/go-dapr", "go", settings...).Add(t, "plugins/memory", "memory")
			_, daprd := serve(t, plugins, "go", "memory")
			runaway, neighbour := daprd.Store("go"), daprd.Store("memory")

			load := startLoad(t, runaway, 8)
			beside := startLoad(t, neighbour, 2)
			load.awaitCalls(100)
			beside.awaitCalls(100)

			expect(t, http.StatusInternalServerError, runaway.Get("spin"))
			ended := time.Now()
			expect(t, http.StatusNoContent, runaway.Set(harness.Item{Key: "after", Value: 1}))
			expectValue(t, runaway, "after", 1)
			load.awaitCalls(100)
			beside.awaitCalls(100)

			for _, failed := range load.stop() {
				if failed.began.After(ended) {
					t.Errorf("a call that began %v after the guest had been stopped failed: %s",
						failed.began.Sub(ended), failed.reason)
				}
			}
			for _, failed := range beside.stop() {
				t.Errorf("a call to the other plugin failed: %s", failed.reason)
			}
		})
	}
}

// load writes and reads keys from several clients until it is stopped.
type load struct {
	lock   sync.Mutex
	more   *sync.Cond
	calls  int
	failed []failure
	ended  bool
	group  sync.WaitGroup
}

type failure struct {
	began  time.Time
	reason string
}

func startLoad(t *testing.T, store harness.Store, clients int) *load {
	l := &load{}
	l.more = sync.NewCond(&l.lock)
	for client := range clients {
		l.group.Go(func() {
			key := fmt.Sprintf("load-%d", client)
			for i := 0; !l.stopped(); i++ {
				l.record(time.Now(), store.Set(harness.Item{Key: key, Value: i}))
				l.record(time.Now(), store.Get(key))
			}
		})
	}
	t.Cleanup(func() { l.stop() })
	return l
}

func (l *load) record(began time.Time, answer harness.Answer) {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.calls++
	l.more.Broadcast()
	if answer.Err != nil || answer.Status >= 400 {
		l.failed = append(l.failed, failure{began, fmt.Sprint(answer.Status, answer.Body, answer.Err)})
	}
}

func (l *load) stopped() bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.ended
}

// awaitCalls waits until so many more calls have ended.
func (l *load) awaitCalls(count int) {
	l.lock.Lock()
	defer l.lock.Unlock()
	for wanted := l.calls + count; l.calls < wanted; {
		l.more.Wait()
	}
}

// stop ends the load and gives the calls that failed.
func (l *load) stop() []failure {
	l.lock.Lock()
	l.ended = true
	l.lock.Unlock()
	l.group.Wait()
	return l.failed
}

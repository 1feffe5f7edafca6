package chaos

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

// TestLostThreads: calls that never return cost the plugin its thread, again and again, while
// others write through it. Each time a successor takes the socket. Calls that sleep past their
// limit in between give way by themselves, some so late that their thread, which goes on, is taken
// for lost too: that must end no more than the calls.
func TestLostThreads(t *testing.T) {
	for _, engine := range engines {
		t.Run("the end of its thread breaks no promise on "+engine, func(t *testing.T) {
			wasmstate, daprd := serve(t, engine, goKV,
				harness.Setting{Path: "interrupt", Value: false}, harness.Setting{Path: "limits.call", Value: "300ms"})
			runaway := daprd.Store("store")
			work := startWorkload(t, sidecarStore{runaway})
			random := source(2)
			const threads = 8
			for range threads {
				work.await(t, 1+random.Int64N(100))
				pause(random, 20*time.Millisecond)
				for _, key := range []string{"sleep:1000", "spin"} {
					if answer := runaway.Get(key); answer.Status != http.StatusInternalServerError {
						t.Fatalf("%s was answered with status %d: %s %v", key, answer.Status, answer.Body, answer.Err)
					}
				}
			}
			work.await(t, 100)
			work.finish(t)
			if count := strings.Count(wasmstate.Log(), "the successor serves"); count < threads {
				t.Errorf("%d threads were lost and %d successors serve", threads, count)
			}
		})
	}
}

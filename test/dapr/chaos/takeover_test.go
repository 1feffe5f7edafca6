package chaos

import (
	"testing"
	"time"
)

// TestTakeover: a second process succeeds the first, which finishes its calls and ends.
func TestTakeover(t *testing.T) {
	for _, engine := range engines {
		t.Run("an upgrade fails no call on "+engine, func(t *testing.T) {
			wasmstate, daprd := serve(t, engine, "plugins/durable")
			work := startWorkload(t, sidecarStore{daprd.Store("store")})
			random := source(4)
			for range 3 {
				work.await(t, 1+random.Int64N(150))
				pause(random, 20*time.Millisecond)
				before := wasmstate
				wasmstate = before.TakeOver(t)
				if code := before.ExitCode(); code != 0 {
					t.Errorf("the process that was succeeded ended with %d:\n%s", code, before.Log())
				}
			}
			work.await(t, 100)
			work.finish(t)
			work.expectNoFailure(t)
		})
	}
}

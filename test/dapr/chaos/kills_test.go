package chaos

import (
	"testing"
	"time"
)

// TestKilledProcesses: wasmstate is killed at random and started again. The daprd goes on: it
// initialised its component once.
func TestKilledProcesses(t *testing.T) {
	for _, engine := range engines {
		t.Run("kill -9 breaks no promise on "+engine, func(t *testing.T) {
			wasmstate, daprd := serve(t, engine, "plugins/durable")
			work := startWorkload(t, sidecarStore{daprd.Store("store")})
			random := source(1)
			for range 6 {
				work.await(t, 1+random.Int64N(150))
				pause(random, 20*time.Millisecond)
				wasmstate.Kill()
				wasmstate = wasmstate.Restart(t)
			}
			work.await(t, 100)
			work.finish(t)
		})
	}
}

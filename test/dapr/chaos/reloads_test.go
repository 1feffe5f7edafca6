package chaos

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

// TestReloads: a plugin's manifest changes under load. The successor is published when it is
// ready and the thread before it finishes its calls, so nothing fails.
func TestReloads(t *testing.T) {
	for _, engine := range engines {
		t.Run("a reload fails no call on "+engine, func(t *testing.T) {
			wasmstate, daprd := serve(t, engine, "plugins/durable")
			work := startWorkload(t, sidecarStore{daprd.Store("store")})
			random := source(3)
			for generation := range 6 {
				work.await(t, 1+random.Int64N(150))
				pause(random, 20*time.Millisecond)
				wasmstate.Plugins.Change(t, "store", harness.Setting{Path: "env.GENERATION", Value: fmt.Sprint(generation)})
				wasmstate.Await(t, "reloaded", func() bool {
					return strings.Count(wasmstate.Log(), "plugin was reloaded") > generation
				})
			}
			work.await(t, 100)
			work.finish(t)
			work.expectNoFailure(t)
		})
	}
}

// Package cluster shares state between several sidecars, each with a wasmstate of its own, and
// kills processes while clients write.
package cluster

import (
	"testing"

	"wasmstate.test/dapr/harness"
)

// TestCounters: clients of several sidecars increment the same counters, with the etag that they
// read and first-write, and begin again where another came first. Whatever was acknowledged is
// counted, and nothing is counted twice.
func TestCounters(t *testing.T) {
	for _, one := range []struct {
		engine   string
		sidecars int
	}{
		{"sqlite", 1}, // its files belong to one machine
		{"redis", 2}, {"postgres", 2}, {"etcd", 2},
	} {
		t.Run("on "+one.engine, func(t *testing.T) {
			nodes := startNodes(t, one.sidecars, harness.StartEngine(t, one.engine))
			t.Run("no increment is lost", func(t *testing.T) {
				work := startIncrements(nodes, "calm")
				work.await(t, 400)
				work.finish(t)
			})
			t.Run("nor is one while wasmstate is killed at random", func(t *testing.T) {
				work := startIncrements(nodes, "storm")
				for range 6 {
					killAtRandom(t, nodes)
					work.await(t, 100)
				}
				work.finish(t)
			})
		})
	}
}

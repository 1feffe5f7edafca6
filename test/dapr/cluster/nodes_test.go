package cluster

import (
	"math/rand/v2"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

// node is a sidecar with its own wasmstate.
type node struct {
	wasmstate *harness.Wasmstate
	daprd     *harness.Daprd
}

// startNodes starts sidecars that share state.durable on one engine.
func startNodes(t *testing.T, count int, engine harness.Engine) []*node {
	t.Helper()
	nodes := []*node{}
	for range count {
		wasmstate := harness.StartWasmstate(t, harness.NewPlugins(t).Add(t, "plugins/durable", "durable"))
		nodes = append(nodes, &node{wasmstate, harness.StartDaprd(t, harness.DaprdOptions{
			Sockets:    wasmstate.Sockets,
			Components: []harness.Component{{Name: "store", Type: "state.durable", Metadata: engine.Properties}},
		})})
	}
	return nodes
}

// killAtRandom ends one wasmstate as kill -9 does, at some moment of the next half second, and
// starts it again. Its daprd finds out by itself.
func killAtRandom(t *testing.T, nodes []*node) {
	t.Helper()
	time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
	victim := nodes[rand.IntN(len(nodes))]
	victim.wasmstate.Kill()
	victim.wasmstate = victim.wasmstate.Restart(t)
}

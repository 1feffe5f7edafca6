package conformance

import (
	"testing"

	"wasmstate.test/dapr/harness"
)

func TestMemory(t *testing.T) {
	plugins := harness.NewPlugins(t).Add(t, "plugins/memory", "memory")
	wasmstate := harness.StartWasmstate(t, plugins)
	conforms(t, wasmstate.Socket("memory"), "memory", everything, nil)
}

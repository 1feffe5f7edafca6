package conformance

import (
	"testing"

	"wasmstate.test/dapr/harness"
)

// TestDurable has a copy of the plugin for each engine, as the suite's component has no name and
// would be one and the same for all.
func TestDurable(t *testing.T) {
	plugins := harness.NewPlugins(t)
	for _, name := range harness.Engines {
		plugins.Add(t, "plugins/durable", "on-"+name)
	}
	wasmstate := harness.StartWasmstate(t, plugins)
	for _, name := range harness.Engines {
		t.Run("on "+name, func(t *testing.T) {
			t.Parallel()
			engine := harness.StartEngine(t, name)
			conforms(t, wasmstate.Socket("on-"+name), "durable", everything, engine.Properties)
		})
	}
}

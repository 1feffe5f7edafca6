package sidecar

import (
	"net/http"
	"testing"

	"wasmstate.test/dapr/harness"
)

func TestIsolation(t *testing.T) {
	plugins := harness.NewPlugins(t).Add(t, "plugins/memory", "memory").Add(t, "plugins/memory", "other")
	wasmstate := harness.StartWasmstate(t, plugins)
	daprd := harness.StartDaprd(t, harness.DaprdOptions{Sockets: wasmstate.Sockets, Components: []harness.Component{
		{Name: "orders", Type: "state.memory"},
		{Name: "carts", Type: "state.memory"},
		{Name: "elsewhere", Type: "state.other"},
	}})
	stores := map[string]harness.Store{}
	for _, name := range []string{"orders", "carts", "elsewhere"} {
		stores[name] = daprd.Store(name)
	}
	for name, store := range stores {
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "shared name", Value: name}))
	}

	t.Run("two components on one plugin do not see each other's keys", func(t *testing.T) {
		expectValue(t, stores["orders"], "shared name", "orders")
		expectValue(t, stores["carts"], "shared name", "carts")
		expect(t, http.StatusNoContent, stores["orders"].Delete("shared name", ""))
		expectValue(t, stores["carts"], "shared name", "carts")
	})
	t.Run("two plugins serve one daprd", func(t *testing.T) {
		expectValue(t, stores["elsewhere"], "shared name", "elsewhere")
	})
}

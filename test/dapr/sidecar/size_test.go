package sidecar

import (
	"net/http"
	"strings"
	"testing"

	"wasmstate.test/dapr/harness"
)

// daprd sends requests of any size but takes no answer over 4 MiB.
func TestSize(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/memory", "memory"), "memory")
	store := daprd.Store("memory")
	const mib = 1 << 20

	t.Run("a value of 3 MiB comes back", func(t *testing.T) {
		value := strings.Repeat("x", 3*mib)
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "large", Value: value}))
		expectValue(t, store, "large", value)
	})
	t.Run("a value that daprd cannot take back is an error that says so, and the next call works", func(t *testing.T) {
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "too large", Value: strings.Repeat("x", 6*mib)}))
		answer := expect(t, http.StatusInternalServerError, store.Get("too large"))
		if !strings.Contains(answer.Body, "4194304 bytes") {
			t.Errorf("the error does not name the limit: %.400s", answer.Body)
		}
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "small", Value: 1}))
		expectValue(t, store, "small", 1)
	})
}

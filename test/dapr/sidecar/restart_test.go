package sidecar

import (
	"net/http"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

func TestDaprdRestarts(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/durable", "durable"), "durable")
	expect(t, http.StatusNoContent, daprd.Store("durable").Set(harness.Item{Key: "k", Value: "kept"}))
	goesOn := func(t *testing.T) {
		t.Helper()
		store := daprd.Store("durable")
		expectValue(t, store, "k", "kept")
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "other", Value: time.Now().String()}))
	}

	t.Run("a daprd that is started again goes on with the same wasmstate", func(t *testing.T) {
		daprd.Stop(t)
		daprd = daprd.Restart(t)
		goesOn(t)
	})
	t.Run("so does one that was killed", func(t *testing.T) {
		daprd.Kill()
		daprd = daprd.Restart(t)
		goesOn(t)
	})
}

// TestWasmstateRestarts: daprd initialises a component once and is never told that the component's
// process is another one.
func TestWasmstateRestarts(t *testing.T) {
	wasmstate, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/durable", "durable"), "durable")
	store := daprd.Store("durable")
	expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "k", Value: "kept"}))
	goesOn := func(t *testing.T) {
		t.Helper()
		wasmstate = wasmstate.Restart(t)
		// daprd connects again at a time of its own, a second after the connection broke.
		for began := time.Now(); store.Get("k").Status != http.StatusOK; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 20*time.Second {
				t.Fatalf("daprd did not find wasmstate again: %+v", store.Get("k"))
			}
		}
		expectValue(t, store, "k", "kept")
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "other", Value: time.Now().String()}))
	}

	t.Run("the same daprd goes on after wasmstate ended and is started again", func(t *testing.T) {
		wasmstate.Stop(t)
		goesOn(t)
	})
	t.Run("and after a kill -9", func(t *testing.T) {
		wasmstate.Kill()
		goesOn(t)
	})
}

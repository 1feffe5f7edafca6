package sidecar

import (
	"net/http"
	"testing"

	"wasmstate.test/dapr/harness"
)

func TestTransaction(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/memory", "memory"), "memory")
	store := daprd.Store("memory")
	upsert := func(item harness.Item) harness.Operation {
		return harness.Operation{Operation: "upsert", Request: item}
	}
	remove := func(item harness.Item) harness.Operation {
		return harness.Operation{Operation: "delete", Request: item}
	}

	t.Run("writes and deletes of several keys happen together", func(t *testing.T) {
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "old", Value: "gone soon"}))
		expect(t, http.StatusNoContent, store.Transact(
			upsert(harness.Item{Key: "new", Value: "here"}), remove(harness.Item{Key: "old"}),
			upsert(harness.Item{Key: "twice", Value: 1}), upsert(harness.Item{Key: "twice", Value: 2})))
		expectValue(t, store, "new", "here")
		expectAbsent(t, store, "old")
		expectValue(t, store, "twice", 2)
	})

	t.Run("one stale etag undoes all of it", func(t *testing.T) {
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "guarded", Value: "first"}))
		stale := expectValue(t, store, "guarded", "first")
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "guarded", Value: "second"}))

		answer := store.Transact(
			upsert(harness.Item{Key: "before", Value: 1}),
			upsert(harness.Item{Key: "guarded", Value: "third", ETag: stale}),
			remove(harness.Item{Key: "new"}))
		if answer.Err != nil || answer.Status < 400 {
			t.Fatalf("a transaction with a stale etag got status %d, %v", answer.Status, answer.Err)
		}
		expectAbsent(t, store, "before")
		expectValue(t, store, "guarded", "second")
		expectValue(t, store, "new", "here")
	})

	t.Run("a current etag lets it through", func(t *testing.T) {
		etag := expectValue(t, store, "guarded", "second")
		expect(t, http.StatusNoContent, store.Transact(
			upsert(harness.Item{Key: "guarded", Value: "third", ETag: etag}), upsert(harness.Item{Key: "before", Value: 1})))
		expectValue(t, store, "guarded", "third")
		expectValue(t, store, "before", 1)
	})
}

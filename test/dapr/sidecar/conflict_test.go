package sidecar

import (
	"net/http"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	commonpb "github.com/dapr/dapr/pkg/proto/common/v1"
	runtimepb "github.com/dapr/dapr/pkg/proto/runtime/v1"

	"wasmstate.test/dapr/harness"
)

func TestConflict(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/memory", "memory"), "memory")
	store := daprd.Store("memory")
	expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "k", Value: 1}))
	stale := expectValue(t, store, "k", 1)
	expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "k", Value: 2, ETag: stale}))

	t.Run("a write with a stale etag is refused with 409", func(t *testing.T) {
		expect(t, http.StatusConflict, store.Set(harness.Item{Key: "k", Value: 3, ETag: stale}))
		expectValue(t, store, "k", 2)
	})
	t.Run("a delete with a stale etag is refused with 409", func(t *testing.T) {
		expect(t, http.StatusConflict, store.Delete("k", stale))
		expectValue(t, store, "k", 2)
	})
	t.Run("a first write without an etag is refused with 409 where the key exists", func(t *testing.T) {
		expect(t, http.StatusConflict, store.Set(harness.Item{Key: "k", Value: 3, Options: harness.FirstWrite}))
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "fresh", Value: 3, Options: harness.FirstWrite}))
	})
	t.Run("gRPC says ABORTED", func(t *testing.T) {
		_, err := daprd.Client(t).SaveState(t.Context(), &runtimepb.SaveStateRequest{
			StoreName: "memory", States: []*commonpb.StateItem{
				{Key: "k", Value: []byte("3"), Etag: &commonpb.Etag{Value: stale}}}})
		if status.Code(err) != codes.Aborted {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an etag does not come back after a delete", func(t *testing.T) {
		last := expectValue(t, store, "k", 2)
		expect(t, http.StatusNoContent, store.Delete("k", last))
		expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "k", Value: 4}))
		for _, old := range []string{stale, last} {
			expect(t, http.StatusConflict, store.Set(harness.Item{Key: "k", Value: 5, ETag: old}))
		}
	})
}

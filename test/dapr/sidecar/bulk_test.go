package sidecar

import (
	"encoding/json"
	"net/http"
	"testing"

	commonpb "github.com/dapr/dapr/pkg/proto/common/v1"
	runtimepb "github.com/dapr/dapr/pkg/proto/runtime/v1"

	"wasmstate.test/dapr/harness"
)

func TestBulk(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "plugins/memory", "memory"), "memory")
	store := daprd.Store("memory")

	t.Run("many keys are written and read in one call each, in the order asked for", func(t *testing.T) {
		expect(t, http.StatusNoContent, store.Set(
			harness.Item{Key: "a", Value: 1}, harness.Item{Key: "b", Value: 2}, harness.Item{Key: "c", Value: 3}))
		var got []struct {
			Key  string
			Data json.RawMessage
			ETag string
		}
		answer := expect(t, http.StatusOK, store.BulkGet("c", "missing", "a", "b"))
		if err := answer.Decode(&got); err != nil {
			t.Fatal(err)
		}
		want := []struct{ key, data string }{{"c", "3"}, {"missing", ""}, {"a", "1"}, {"b", "2"}}
		if len(got) != len(want) {
			t.Fatalf("got %s", answer.Body)
		}
		for i, one := range want {
			if got[i].Key != one.key || string(got[i].Data) != one.data || (got[i].ETag == "") != (one.data == "") {
				t.Errorf("item %d of %s is not %v", i, answer.Body, one)
			}
		}
	})

	t.Run("one stale etag of many is a conflict", func(t *testing.T) {
		expect(t, http.StatusConflict, store.Set(
			harness.Item{Key: "a", Value: 10, ETag: "999999999"}, harness.Item{Key: "b", Value: 20}))
		expectValue(t, store, "a", 1)
	})

	t.Run("many keys are deleted in one call", func(t *testing.T) {
		client := daprd.Client(t)
		expect(t, http.StatusNoContent, store.Set(
			harness.Item{Key: "d", Value: 1}, harness.Item{Key: "e", Value: 2}, harness.Item{Key: "f", Value: 3}))
		if _, err := client.DeleteBulkState(t.Context(), &runtimepb.DeleteBulkStateRequest{
			StoreName: "memory", States: []*commonpb.StateItem{{Key: "d"}, {Key: "e"}, {Key: "never set"}}}); err != nil {
			t.Fatal(err)
		}
		expectAbsent(t, store, "d")
		expectAbsent(t, store, "e")
		expectValue(t, store, "f", 3)
	})
}

package sidecar

import (
	"net/http"
	"testing"

	commonpb "github.com/dapr/dapr/pkg/proto/common/v1"
	components "github.com/dapr/dapr/pkg/proto/components/v1"
	runtimepb "github.com/dapr/dapr/pkg/proto/runtime/v1"

	"wasmstate.test/dapr/harness"
)

// A store's first use: a value with an etag and a content type comes back as it was set, a second
// key lives beside it, and deleting the first leaves the second alone. It runs on the dialect of
// the first prototype, whose every etag is the word "test", and on the shipped store.
func TestScenario(t *testing.T) {
	plugins := harness.NewPlugins(t).
		Add(t, "test/guests/store-v01", "prototype").
		Add(t, "plugins/memory", "memory")
	wasmstate, daprd := serve(t, plugins, "prototype", "memory")

	for _, name := range []string{"prototype", "memory"} {
		t.Run(name+" passes the prototype's scenario over HTTP", func(t *testing.T) {
			store := daprd.Store(name)
			expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "first", Value: "one"}))
			etag := expectValue(t, store, "first", "one")
			if etag == "" {
				t.Fatal("the value came back without an etag")
			}
			expect(t, http.StatusNoContent, store.Set(harness.Item{
				Key: "first", Value: map[string]any{"n": 1}, ETag: etag, ContentType: "text/plain"}))
			if expectValue(t, store, "first", map[string]any{"n": 1}) == "" {
				t.Fatal("the second value came back without an etag")
			}
			expectContentType(t, wasmstate, name, "app||first", "text/plain")

			expect(t, http.StatusNoContent, store.Set(harness.Item{Key: "second", Value: "two"}))
			expectValue(t, store, "second", "two")
			expect(t, http.StatusNoContent, store.Delete("first", ""))
			expectAbsent(t, store, "first")
			expectValue(t, store, "second", "two")
		})

		t.Run(name+" passes the prototype's scenario over gRPC", func(t *testing.T) {
			client := daprd.Client(t)
			set := func(key, etag string, value []byte) {
				t.Helper()
				item := &commonpb.StateItem{Key: key, Value: value}
				if etag != "" {
					item.Etag = &commonpb.Etag{Value: etag}
				}
				if _, err := client.SaveState(t.Context(), &runtimepb.SaveStateRequest{
					StoreName: name, States: []*commonpb.StateItem{item}}); err != nil {
					t.Fatal(err)
				}
			}
			get := func(key, want string) (etag string) {
				t.Helper()
				answer, err := client.GetState(t.Context(), &runtimepb.GetStateRequest{StoreName: name, Key: key})
				if err != nil {
					t.Fatal(err)
				}
				if string(answer.GetData()) != want {
					t.Fatalf("%s holds %q, want %q", key, answer.GetData(), want)
				}
				return answer.GetEtag()
			}
			bytes := "\x00\xff not text"
			set("third", "", []byte("three"))
			set("third", get("third", "three"), []byte(bytes))
			get("third", bytes)
			set("fourth", "", []byte("four"))
			get("fourth", "four")
			if _, err := client.DeleteState(t.Context(),
				&runtimepb.DeleteStateRequest{StoreName: name, Key: "third"}); err != nil {
				t.Fatal(err)
			}
			if etag := get("third", ""); etag != "" {
				t.Errorf("a deleted key has the etag %q", etag)
			}
			get("fourth", "four")
		})
	}
}

// expectContentType asks the plugin itself, as daprd's API does not tell what type a value has.
func expectContentType(t *testing.T, wasmstate *harness.Wasmstate, name, key, want string) {
	t.Helper()
	answer, err := harness.PluginClient(t, wasmstate.Socket(name), name).
		Get(t.Context(), &components.GetRequest{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if answer.GetContentType() != want {
		t.Errorf("%s has the content type %q, want %q", key, answer.GetContentType(), want)
	}
}

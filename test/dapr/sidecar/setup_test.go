// Package sidecar uses wasmstate as an application does: through the HTTP and gRPC API of a daprd
// that knows nothing of it but a socket.
package sidecar

import (
	"encoding/json"
	"net/http"
	"testing"

	"wasmstate.test/dapr/harness"
)

// serve starts wasmstate on plugins and a daprd with one component for each plugin, named as it.
func serve(t *testing.T, plugins *harness.Plugins, names ...string) (*harness.Wasmstate, *harness.Daprd) {
	t.Helper()
	wasmstate := harness.StartWasmstate(t, plugins)
	components := []harness.Component{}
	for _, name := range names {
		components = append(components, harness.Component{Name: name, Type: "state." + name})
	}
	daprd := harness.StartDaprd(t, harness.DaprdOptions{Sockets: wasmstate.Sockets, Components: components})
	return wasmstate, daprd
}

// expect fails the test unless the answer has this status, and gives the answer back.
func expect(t *testing.T, status int, answer harness.Answer) harness.Answer {
	t.Helper()
	if answer.Err != nil || answer.Status != status {
		t.Fatalf("got status %d, want %d: %s %v", answer.Status, status, answer.Body, answer.Err)
	}
	return answer
}

// expectValue fails the test unless the key holds this JSON value, and gives its etag.
func expectValue(t *testing.T, store harness.Store, key string, value any) (etag string) {
	t.Helper()
	answer := expect(t, http.StatusOK, store.Get(key))
	want, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Body != string(want) {
		t.Fatalf("%s holds %s, want %s", key, answer.Body, want)
	}
	return answer.ETag()
}

// expectAbsent fails the test if the key holds anything.
func expectAbsent(t *testing.T, store harness.Store, key string) {
	t.Helper()
	expect(t, http.StatusNoContent, store.Get(key))
}

package sidecar

import (
	"net/http"
	"strings"
	"testing"

	"wasmstate.test/dapr/harness"
)

// TestGuestError: a guest of a standard Go toolchain fails in every way that daprd tells apart.
func TestGuestError(t *testing.T) {
	_, daprd := serve(t, harness.NewPlugins(t).Add(t, "test/guests/go-dapr", "go"), "go")
	store := daprd.Store("go")
	set := func(key string) harness.Answer { return store.Set(harness.Item{Key: key, Value: 1}) }

	for _, one := range []struct {
		says   string
		answer harness.Answer
		status int
		names  string
	}{
		{"an etag mismatch is 409", set("etag-mismatch"), http.StatusConflict, ""},
		{"an invalid etag is 400", set("etag-invalid"), http.StatusBadRequest, ""},
		{"a kit error has the guest's own code", store.Get("kit-error"), http.StatusTeapot, "out of tea"},
		{"a plain error is 500 with the guest's words", store.Get("error:words of its own"),
			http.StatusInternalServerError, "words of its own"},
		{"a panic is 500", store.Get("panic"), http.StatusInternalServerError, ""},
	} {
		t.Run(one.says, func(t *testing.T) {
			if !strings.Contains(expect(t, one.status, one.answer).Body, one.names) {
				t.Errorf("%q is not in %s", one.names, one.answer.Body)
			}
		})
	}
	t.Run("the next call works", func(t *testing.T) {
		expect(t, http.StatusNoContent, set("after"))
		expectValue(t, store, "after", 1)
	})
}

// Package conformance runs Dapr's own conformance suite for state stores on wasmstate's sockets.
package conformance

import (
	"slices"
	"testing"

	"github.com/dapr/components-contrib/state"
	suite "github.com/dapr/components-contrib/tests/conformance/state"
	"github.com/dapr/kit/logger"

	pluggable "github.com/dapr/dapr/pkg/components/state"
)

// Operations of the suite. Where one is absent, the suite demands that the feature is absent too,
// so a list that says too little fails as well.
var everything = []string{"transaction", "etag", "first-write", "ttl", "query", "actorStateStore"}

// conforms runs the suite twice on a socket, as a component without a name: as it is, and once
// more with the TTL feature hidden, because only then the suite looks at expiry times.
func conforms(t *testing.T, socket, plugin string, operations []string, properties map[string]string) {
	t.Run("passes the suite", func(t *testing.T) {
		run(t, connect(t, socket), plugin, operations, properties)
	})
	t.Run("tells when a key expires", func(t *testing.T) {
		run(t, withoutTTL{connect(t, socket)}, plugin, slices.DeleteFunc(slices.Clone(operations),
			func(name string) bool { return name == "ttl" }), properties)
	})
}

func run(t *testing.T, store state.Store, plugin string, operations []string, properties map[string]string) {
	config, err := suite.NewTestConfig(plugin, operations, map[string]any{"badEtag": "999999999"})
	if err != nil {
		t.Fatal(err)
	}
	suite.ConformanceTests(t, properties, store, config)
}

// connected is what daprd itself talks to a pluggable store with.
type connected interface {
	state.Store
	state.TransactionalStore
	state.Querier
}

func connect(t *testing.T, socket string) connected {
	var store connected = pluggable.NewGRPCStateStore(logger.NewLogger("conformance"), socket)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return etagBySingleCalls{store}
}

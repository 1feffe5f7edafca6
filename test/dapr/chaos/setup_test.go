// Package chaos kills processes and threads of wasmstate, and replaces them, while clients write
// through a daprd that knows nothing of it. What the clients were told is recorded and checked
// (package history).
package chaos

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

var seedFlag = flag.Uint64("seed", 1, "of everything that is random; the tests say which they use")

// source of randomness for one part of a test; the parts are independent of each other.
func source(part uint64) *rand.Rand { return rand.New(rand.NewPCG(*seedFlag, part)) }

// engines that every kind of chaos is tried on.
var engines = []string{"sqlite", "redis"}

// goKV is a guest that keeps its state in the host, and never returns from the key `spin`.
const goKV = "test/guests/go-kv"

// serve starts wasmstate with one plugin named `store`, and a daprd with a component of that name.
func serve(t *testing.T, engine, source string, settings ...harness.Setting) (*harness.Wasmstate, *harness.Daprd) {
	t.Helper()
	t.Logf("seed %d", *seedFlag)
	properties := harness.StartEngine(t, engine).Properties
	wasmstate := harness.StartWasmstate(t, harness.NewPlugins(t).Add(t, source, "store", settings...))
	return wasmstate, harness.StartDaprd(t, harness.DaprdOptions{
		Sockets:    wasmstate.Sockets,
		Components: []harness.Component{{Name: "store", Type: "state.store", Metadata: properties}},
	})
}

// pause waits for a random part of a time, so that what follows meets the clients anywhere.
func pause(random *rand.Rand, most time.Duration) {
	time.Sleep(time.Duration(random.Int64N(int64(most))))
}

package chaos

import (
	"context"
	"testing"
	"time"

	components "github.com/dapr/dapr/pkg/proto/components/v1"

	"wasmstate.test/dapr/harness"
)

// TestStops: SIGTERM under load. The process finishes what it has taken, and what it has not taken
// waits in its clients for the next process, so no call fails.
func TestStops(t *testing.T) {
	for _, engine := range engines {
		t.Run("SIGTERM fails no call that was taken on "+engine, func(t *testing.T) {
			t.Logf("seed %d", *seedFlag)
			properties := harness.StartEngine(t, engine).Properties
			wasmstate := harness.StartWasmstate(t, harness.NewPlugins(t).Add(t, goKV, "store"))
			plugin := harness.PluginClient(t, wasmstate.Socket("store"), "store")
			if _, err := plugin.Init(t.Context(), &components.InitRequest{
				Metadata: &components.MetadataRequest{Properties: properties}}); err != nil {
				t.Fatal(err)
			}
			work := startWorkload(t, socketStore{plugin})
			random := source(5)
			for range 3 {
				work.await(t, 1+random.Int64N(100))
				slow := make(chan error, 1)
				go func() {
					_, err := plugin.Get(context.Background(), &components.GetRequest{Key: "sleep:1000"})
					slow <- err
				}()
				// On one connection: when these are answered, the slow call has been taken.
				work.await(t, 2*clients)
				pause(random, 20*time.Millisecond)
				wasmstate.Stop(t)
				if code := wasmstate.ExitCode(); code != 0 {
					t.Errorf("wasmstate ended with %d", code)
				}
				if err := <-slow; err != nil {
					t.Errorf("a call that was in its guest when SIGTERM came failed: %v", err)
				}
				wasmstate = wasmstate.Restart(t)
			}
			work.await(t, 100)
			work.finish(t)
			work.expectNoFailure(t)
		})
	}
}

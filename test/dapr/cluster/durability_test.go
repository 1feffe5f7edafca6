package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	components "github.com/dapr/dapr/pkg/proto/components/v1"

	"wasmstate.test/dapr/harness"
)

// TestDurability: wasmstate is killed fifty times while writers are at work on sqlite. What was
// acknowledged is there afterwards, and what was refused is not. The component is initialised
// once, as daprd does it.
func TestDurability(t *testing.T) {
	const kills, writers = 50, 4
	wasmstate := harness.StartWasmstate(t, harness.NewPlugins(t).Add(t, "plugins/durable", "durable"))
	plugin := harness.PluginClient(t, wasmstate.Socket("durable"), "store")
	if _, err := plugin.Init(t.Context(), &components.InitRequest{
		Metadata: &components.MetadataRequest{Properties: map[string]string{"kv.engine": "sqlite"}}}); err != nil {
		t.Fatal(err)
	}

	written := []string{}
	for kill := range kills {
		var group sync.WaitGroup
		var count atomic.Int64
		records := make([]*writer, writers)
		for number := range records {
			records[number] = &writer{plugin: plugin, prefix: fmt.Sprintf("%d-%d", kill, number), count: &count}
			group.Go(records[number].untilItFails)
		}
		enough := 1 + rand.Int64N(60)
		wasmstate.Await(t, "acknowledging writes", func() bool { return count.Load() >= enough })
		time.Sleep(time.Duration(rand.IntN(10_000)) * time.Microsecond)
		wasmstate.Kill()
		group.Wait()
		wasmstate = wasmstate.Restart(t)

		for _, record := range records {
			if record.failed != nil {
				t.Fatal(record.failed)
			}
			written = append(written, record.acknowledged...)
			expectStored(t, plugin, record.acknowledged)
		}
	}
	expectStored(t, plugin, written)
	t.Logf("%d acknowledged writes survived %d kills", len(written), kills)
}

// writer creates one key after another, each holding its own name, and tries to overwrite each
// with a first-write, which must be refused.
type writer struct {
	plugin       components.StateStoreClient
	prefix       string
	acknowledged []string
	count        *atomic.Int64 // of all writers
	failed       error
}

// untilItFails writes until the process is gone.
func (w *writer) untilItFails() {
	ctx, atOnce := context.Background(), grpc.WaitForReady(false)
	for i := 0; ; i++ {
		key := fmt.Sprintf("%s-%d", w.prefix, i)
		_, err := w.plugin.Set(ctx, &components.SetRequest{Key: key, Value: []byte(key)}, atOnce)
		if err != nil {
			w.end(err)
			return
		}
		w.acknowledged = append(w.acknowledged, key)
		w.count.Add(1)
		_, err = w.plugin.Set(ctx, &components.SetRequest{Key: key, Value: []byte("refused"),
			Options: &components.StateOptions{Concurrency: components.StateOptions_CONCURRENCY_FIRST_WRITE}}, atOnce)
		if status.Code(err) != codes.FailedPrecondition {
			w.end(err)
			return
		}
	}
}

// end keeps an error, unless it only says that the process is gone.
func (w *writer) end(err error) {
	if status.Code(err) != codes.Unavailable {
		w.failed = fmt.Errorf("a write of %s ended with %v", w.prefix, err)
	}
}

// expectStored fails the test unless each key holds its own name.
func expectStored(t *testing.T, plugin components.StateStoreClient, keys []string) {
	t.Helper()
	const limit = 500
	for len(keys) > 0 {
		part := keys[:min(limit, len(keys))]
		keys = keys[len(part):]
		request := &components.BulkGetRequest{}
		for _, key := range part {
			request.Items = append(request.Items, &components.GetRequest{Key: key})
		}
		answer, err := plugin.BulkGet(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.GetItems()) != len(part) {
			t.Fatalf("%d keys were asked for, %d came back", len(part), len(answer.GetItems()))
		}
		for i, item := range answer.GetItems() {
			if item.GetKey() != part[i] || string(item.GetData()) != part[i] {
				t.Fatalf("%s was acknowledged and now holds %q %s", part[i], item.GetData(), item.GetError())
			}
		}
	}
}

// Package actors runs an application with Dapr's own SDK on wasmstate: actor state, reminders and
// workflows, while wasmstate is killed between two steps.
package actors

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wasmstate.test/dapr/harness"
)

// durable is an application whose actors and workflows keep their state in state.durable.
type durable struct {
	*harness.App
	wasmstate *harness.Wasmstate
}

func start(t *testing.T) *durable {
	t.Helper()
	wasmstate := harness.StartWasmstate(t, harness.NewPlugins(t).Add(t, "plugins/durable", "durable"))
	app := harness.StartApp(t, harness.DaprdOptions{
		Sockets:      wasmstate.Sockets,
		ControlPlane: harness.StartControlPlane(t),
		Components: []harness.Component{{
			Name: "store", Type: "state.durable", Metadata: map[string]string{"actorStateStore": "true"}}},
	})
	return &durable{app, wasmstate}
}

// killWasmstate ends wasmstate as kill -9 does and starts it again. daprd learns of it only from
// its broken connection.
func (d *durable) killWasmstate(t *testing.T) {
	t.Helper()
	d.wasmstate.Kill()
	d.wasmstate = d.wasmstate.Restart(t)
}

// eventually repeats a call until it succeeds: right after a kill daprd waits up to some seconds
// before it connects again.
func eventually(t *testing.T, call func() harness.Answer) harness.Answer {
	t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer := call()
		if answer.Err == nil && answer.Status < 300 {
			return answer
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("still status %d after 30 s: %s %v", answer.Status, answer.Body, answer.Err)
		}
	}
}

func TestActors(t *testing.T) {
	d := start(t)
	add := func(t *testing.T, want int) {
		t.Helper()
		var got struct{ Count int }
		answer := eventually(t, func() harness.Answer { return d.CallActor("a", "add") })
		if err := answer.Decode(&got); err != nil || got.Count != want {
			t.Fatalf("the actor counted %s (%v), want %d", answer.Body, err, want)
		}
	}

	t.Run("an actor keeps its state from call to call", func(t *testing.T) {
		add(t, 1)
		add(t, 2)
	})
	t.Run("its state survives a kill -9 of wasmstate", func(t *testing.T) {
		d.killWasmstate(t)
		eventually(t, func() harness.Answer { return d.Daprd.Store("store").Get("anything") })
		add(t, 3)
		add(t, 4)
	})
	t.Run("its reminders go on after a kill -9 of wasmstate", func(t *testing.T) {
		eventually(t, func() harness.Answer { return d.CallActor("r", "remindMe") })
		for n := 1; n <= 3; n++ {
			name, open := d.AtGate(t)
			if want := fmt.Sprintf("reminder-%d", n); name != want {
				t.Errorf("the actor is at %s, want %s: its state was lost", name, want)
			}
			if n == 2 {
				d.killWasmstate(t)
				eventually(t, func() harness.Answer { return d.Daprd.Store("store").Get("anything") })
			}
			if n == 3 {
				open()
				break
			}
			open()
		}
	})
}

func TestWorkflow(t *testing.T) {
	const count = 4
	d := start(t)
	workflow := d.Daprd.URL("/v1.0/workflows/dapr/")

	t.Run("a workflow finishes though wasmstate is killed between its steps", func(t *testing.T) {
		started := eventually(t, func() harness.Answer {
			return harness.Call(http.MethodPost, workflow+"steps/start?instanceID=w", count)
		})
		t.Log(started.Body)
		for step, seen := 1, ""; step <= count; {
			name, open := d.AtGate(t)
			if name == seen {
				open() // an activity whose result was not kept runs again
				continue
			}
			if want := fmt.Sprintf("step-%d", step); name != want {
				t.Fatalf("the workflow is at %s, want %s", name, want)
			}
			if step > 1 {
				d.killWasmstate(t)
			}
			open()
			seen, step = name, step+1
		}
		var state struct {
			RuntimeStatus string
			Properties    map[string]string
		}
		for state.RuntimeStatus != "COMPLETED" {
			answer := eventually(t, func() harness.Answer { return harness.Call(http.MethodGet, workflow+"w", nil) })
			if err := answer.Decode(&state); err != nil {
				t.Fatal(err)
			}
			if state.RuntimeStatus == "FAILED" || state.RuntimeStatus == "TERMINATED" {
				t.Fatal(answer.Body)
			}
			select {
			case <-t.Context().Done():
				t.Fatal(answer.Body)
			case <-time.After(50 * time.Millisecond):
			}
		}
		if output := state.Properties["dapr.workflow.output"]; output != "30" {
			t.Errorf("the workflow gave %s, want 30", output)
		}
	})
}

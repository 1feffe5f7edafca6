package harness

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// App is the application of test/dapr/app behind a daprd: it hosts an actor type and a workflow.
type App struct {
	Daprd *Daprd
	gates chan passage
}

// passage is an application that waits at a gate.
type passage struct {
	name string
	open chan struct{}
}

// StartApp starts the application and its sidecar.
func StartApp(t testing.TB, options DaprdOptions) *App {
	t.Helper()
	folder := Repository("test", "dapr", "app")
	if _, err := os.Stat(folder + "/node_modules"); err != nil {
		Unavailable(t, "the application's packages are missing: npm ci --prefix test/dapr/app")
	}
	app := &App{gates: make(chan passage)}
	test := httptest.NewServer(http.HandlerFunc(app.wait))
	t.Cleanup(func() {
		test.CloseClientConnections()
		test.Close()
	})

	options.AppPort = Port(t)
	app.Daprd = LaunchDaprd(t, options)
	cmd := exec.Command(Repository("node_modules", ".bin", "node"), "main.mjs")
	cmd.Dir = folder
	cmd.Env = append(os.Environ(),
		"APP_PORT="+strconv.Itoa(options.AppPort),
		"DAPR_HTTP_PORT="+strconv.Itoa(app.Daprd.HTTPPort),
		"DAPR_GRPC_PORT="+strconv.Itoa(app.Daprd.GRPCPort),
		"TEST_URL="+test.URL)
	Start(t, "application", cmd)
	app.Daprd.AwaitHealthy(t)
	return app
}

// wait holds a request of the application's gate() until the test opens the gate.
func (a *App) wait(_ http.ResponseWriter, request *http.Request) {
	arrival := passage{request.URL.Path[1:], make(chan struct{})}
	select {
	case a.gates <- arrival:
	case <-request.Context().Done():
		return
	}
	select {
	case <-arrival.open:
	case <-request.Context().Done():
	}
}

// AtGate waits until the application stands at a gate, then gives the gate's name and a function
// that opens it.
func (a *App) AtGate(t testing.TB) (name string, open func()) {
	t.Helper()
	select {
	case arrival := <-a.gates:
		return arrival.name, func() { close(arrival.open) }
	case <-time.After(60 * time.Second):
		t.Fatal("the application came to no gate within 60 s")
		return "", nil
	}
}

// CallActor calls a method of an actor of type Counter and gives the answer.
func (a *App) CallActor(id, method string) Answer {
	return Call(http.MethodPut, a.Daprd.URL(fmt.Sprintf("/v1.0/actors/Counter/%s/method/%s", id, method)), nil)
}

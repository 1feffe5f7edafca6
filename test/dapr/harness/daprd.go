package harness

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	runtime "github.com/dapr/dapr/pkg/proto/runtime/v1"
)

// DaprdOptions say what a daprd is started with; only Components is needed.
type DaprdOptions struct {
	// AppID is the application's; default "app". Keys begin with it.
	AppID string
	// Sockets is the folder of pluggable components' sockets.
	Sockets    string
	Components []Component
	// AppPort is where the application listens (HTTP); 0: there is none.
	AppPort int
	// ControlPlane makes actors and workflows work.
	ControlPlane *ControlPlane
}

// Daprd is a running sidecar.
type Daprd struct {
	*Process
	HTTPPort int
	GRPCPort int
	options  DaprdOptions
	// owner is the test with which every process on these ports ends, also where a subtest
	// started it.
	owner testing.TB
}

// StartDaprd starts a sidecar and waits until it is healthy, which includes that its components
// are initialised.
func StartDaprd(t testing.TB, options DaprdOptions) *Daprd {
	t.Helper()
	d := LaunchDaprd(t, options)
	d.AwaitHealthy(t)
	return d
}

// LaunchDaprd starts a sidecar without waiting for it.
func LaunchDaprd(t testing.TB, options DaprdOptions) *Daprd {
	t.Helper()
	if options.AppID == "" {
		options.AppID = "app"
	}
	return launch(t, &Daprd{HTTPPort: Port(t), GRPCPort: Port(t), options: options, owner: t})
}

// Restart starts a sidecar with the same options and ports in place of one that has ended.
func (d *Daprd) Restart(t testing.TB) *Daprd {
	t.Helper()
	d.mustHaveEnded(t)
	next := launch(t, &Daprd{HTTPPort: d.HTTPPort, GRPCPort: d.GRPCPort, options: d.options, owner: d.owner})
	next.AwaitHealthy(t)
	return next
}

func launch(t testing.TB, d *Daprd) *Daprd {
	t.Helper()
	resources := Folder(d.owner)
	for _, component := range d.options.Components {
		component.write(t, resources)
	}
	arguments := []string{
		"--app-id", d.options.AppID,
		"--resources-path", resources,
		"--dapr-http-port", strconv.Itoa(d.HTTPPort),
		"--dapr-grpc-port", strconv.Itoa(d.GRPCPort),
		"--dapr-internal-grpc-port", strconv.Itoa(Port(t)),
		"--dapr-listen-addresses", "127.0.0.1",
		"--dapr-internal-grpc-listen-address", "127.0.0.1",
		"--max-body-size", "64Mi",
		"--dapr-graceful-shutdown-seconds", "2",
		"--enable-metrics=false",
	}
	if d.options.AppPort != 0 {
		arguments = append(arguments, "--app-port", strconv.Itoa(d.options.AppPort))
	}
	if plane := d.options.ControlPlane; plane != nil {
		arguments = append(arguments,
			"--placement-host-address", plane.Placement, "--scheduler-host-address", plane.Scheduler)
	}
	cmd := exec.Command(Binary(t, "daprd"), arguments...)
	cmd.Env = append(os.Environ(), "DAPR_COMPONENTS_SOCKETS_FOLDER="+d.options.Sockets,
		// Actors are reached at this address; the machine's own may be a public one.
		"DAPR_HOST_IP=127.0.0.1")
	d.Process = Start(d.owner, "daprd", cmd)
	return d
}

// AwaitHealthy waits until daprd and its components serve.
func (d *Daprd) AwaitHealthy(t testing.TB) {
	t.Helper()
	d.Await(t, "healthy", func() bool {
		response, err := http.Get(d.URL("/v1.0/healthz"))
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusNoContent
	})
}

// URL of a path of the HTTP API.
func (d *Daprd) URL(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", d.HTTPPort, path)
}

// Client calls the gRPC API; its connection closes with the test.
func (d *Daprd) Client(t testing.TB) runtime.DaprClient {
	t.Helper()
	connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", d.GRPCPort),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return runtime.NewDaprClient(connection)
}

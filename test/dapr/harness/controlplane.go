package harness

import (
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"testing"
)

// ControlPlane is what daprd needs for actors (placement) and for reminders and workflows
// (scheduler), as host:port.
type ControlPlane struct {
	Placement string
	Scheduler string
}

// StartControlPlane starts both services and waits until they are healthy.
func StartControlPlane(t testing.TB) *ControlPlane {
	t.Helper()
	placement := startService(t, "placement",
		"--initial-cluster", fmt.Sprintf("dapr-placement-0=127.0.0.1:%d", Port(t)))
	etcd := Port(t)
	scheduler := startService(t, "scheduler",
		"--etcd-data-dir", Folder(t),
		"--etcd-client-port", strconv.Itoa(etcd),
		"--etcd-client-listen-address", "127.0.0.1",
		"--etcd-initial-cluster", fmt.Sprintf("dapr-scheduler-server-0=http://127.0.0.1:%d", Port(t)),
		"--identity-directory-write", Folder(t))
	return &ControlPlane{Placement: placement, Scheduler: scheduler}
}

func startService(t testing.TB, name string, arguments ...string) string {
	t.Helper()
	port, healthz := Port(t), Port(t)
	arguments = append(arguments,
		"--port", strconv.Itoa(port), "--listen-address", "127.0.0.1",
		"--healthz-port", strconv.Itoa(healthz), "--healthz-listen-address", "127.0.0.1",
		"--enable-metrics=false", "--log-level", "warn")
	process := Start(t, name, exec.Command(Binary(t, name), arguments...))
	process.Await(t, "healthy", func() bool {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/healthz", healthz))
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return fmt.Sprintf("127.0.0.1:%d", port)
}

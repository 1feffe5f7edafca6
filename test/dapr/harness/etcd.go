package harness

import (
	"fmt"
	"net/http"
	"os/exec"
	"testing"
)

func startEtcd(t testing.TB) (*Process, string) {
	t.Helper()
	url, peers := fmt.Sprintf("http://127.0.0.1:%d", Port(t)), fmt.Sprintf("http://127.0.0.1:%d", Port(t))
	process := Start(t, "etcd", exec.Command(NeedCommand(t, "etcd", "etcd-server"),
		"--data-dir", Folder(t), "--listen-client-urls", url, "--advertise-client-urls", url,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers))
	process.Await(t, "healthy", func() bool {
		response, err := http.Get(url + "/health")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return process, url
}

package harness

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"testing"
)

func startRedis(t testing.TB) (*Process, string) {
	t.Helper()
	port := Port(t)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	process := Start(t, "redis-server", exec.Command(NeedCommand(t, "redis-server", "redis-server"),
		"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", Folder(t), "--save", ""))
	process.Await(t, "listening", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
		}
		return err == nil
	})
	return process, "redis://" + address
}

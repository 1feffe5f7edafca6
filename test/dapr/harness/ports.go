package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

var handedOut sync.Map

// Port finds a free TCP port on the loopback interface. It lies below the range that the kernel
// gives to outgoing connections, so that none of those can take it before its owner listens, and
// no test of this process gets it twice.
func Port(t testing.TB) int {
	t.Helper()
	const first, count = 20_000, 12_000
	for range 200 {
		port := first + rand.IntN(count)
		if _, taken := handedOut.LoadOrStore(port, true); taken {
			continue
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		listener.Close()
		return port
	}
	t.Fatal("no free TCP port found on 127.0.0.1")
	return 0
}

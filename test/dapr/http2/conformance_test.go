// Package http2 holds a socket to the HTTP/2 specification, by an outside suite.
package http2

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/summerwind/h2spec/config"
	"github.com/summerwind/h2spec/generic"
	"github.com/summerwind/h2spec/hpack"
	"github.com/summerwind/h2spec/http2"
	"github.com/summerwind/h2spec/spec"

	"wasmstate.test/dapr/harness"
)

// What of the suite says nothing about this server: it asks with GET, which gRPC answers at once and
// without a body. Flow control is tested with real answers, in test/transport.
var inapplicable = map[string]string{
	"Sends a WINDOW_UPDATE frame on half-closed (remote) stream":                                                                           "waits for a body",
	"Sends a PRIORITY frame on half-closed (remote) stream":                                                                                "waits for a body",
	"Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE":                                                                                "waits for a body",
	"Sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame":                                                     "waits for a body",
	"Changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame":                                                                     "waits for a body",
	"Sends a SETTINGS frame for window size to be negative":                                                                                "waits for a body",
	"Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded":                                             "waits for requests to pile up",
	"Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream":                                   "comes too late",
	`Sends a HEADERS frame with the "content-length" header field which does not equal the DATA frame payload length`:                      "comes too late",
	`Sends a HEADERS frame with the "content-length" header field which does not equal the sum of the multiple DATA frames payload length`: "comes too late",
}

func TestConformance(t *testing.T) {
	plugins := harness.NewPlugins(t).Add(t, "plugins/memory", "memory")
	port := overTCP(t, harness.StartWasmstate(t, plugins).Socket("memory"))
	settings := &config.Config{
		Host:         "127.0.0.1",
		Port:         port,
		Path:         "/dapr.proto.components.v1.StateStore/Ping",
		Timeout:      2 * time.Second,
		MaxHeaderLen: 4000,
		Strict:       true,
	}
	for _, group := range []*spec.TestGroup{generic.Spec(), http2.Spec(), hpack.Spec()} {
		runGroup(t, settings, group)
	}
}

func runGroup(t *testing.T, settings *config.Config, group *spec.TestGroup) {
	t.Run(group.Title(), func(t *testing.T) {
		for _, test := range append(group.Tests, group.StrictTests...) {
			if _, found := inapplicable[test.Desc]; found {
				continue
			}
			t.Run(test.Desc, func(t *testing.T) { runTest(t, settings, test) })
		}
		for _, part := range group.Groups {
			runGroup(t, settings, part)
		}
	})
}

func runTest(t *testing.T, settings *config.Config, test *spec.TestCase) {
	connection, err := spec.Dial(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	err = test.Run(settings, connection)
	var failure *spec.TestError
	switch {
	case errors.As(err, &failure):
		t.Errorf("%s\nexpected: %v\nactual: %v", test.Requirement, failure.Expected, failure.Actual)
	case err != nil:
		t.Errorf("%s: %v", test.Requirement, err)
	}
}

// overTCP gives a port of this machine that leads to the socket, as the suite speaks TCP only.
func overTCP(t *testing.T, socket string) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", socket)
			if err != nil {
				near.Close()
				continue
			}
			go pass(near, far)
			go pass(far, near)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func pass(from, to net.Conn) {
	io.Copy(to, from)
	from.Close()
	to.Close()
}

package harness

import (
	"os"
	"os/exec"
	"testing"
)

// StartGoSDK runs a store made with Dapr's Go SDK, served as `state.gosdk`, and gives the folder
// of its socket.
func StartGoSDK(t testing.TB) (sockets string) {
	t.Helper()
	sockets = Folder(t)
	cmd := exec.Command(Binary(t, "gosdk"))
	cmd.Env = append(os.Environ(), "DAPR_COMPONENT_SOCKETS_FOLDER="+sockets)
	awaitSockets(t, Start(t, "gosdk", cmd), sockets, []string{"gosdk"}, nil)
	return sockets
}

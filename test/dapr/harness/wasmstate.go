package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Wasmstate is a running `wasmstate serve`.
type Wasmstate struct {
	*Process
	Plugins *Plugins
	// Sockets is the folder where daprd looks for the plugins.
	Sockets string
	// Data is the folder of what outlives the process.
	Data string
	// owner is the test with which every process on these folders ends, also where a subtest
	// started it.
	owner testing.TB
}

// StartWasmstate serves plugins and waits until each has its socket.
func StartWasmstate(t testing.TB, plugins *Plugins) *Wasmstate {
	t.Helper()
	return serve(t, &Wasmstate{Plugins: plugins, Sockets: Folder(t), Data: Folder(t), owner: t})
}

// Restart starts a process in place of one that has ended, on the same folders.
func (w *Wasmstate) Restart(t testing.TB) *Wasmstate {
	t.Helper()
	w.mustHaveEnded(t)
	return serve(t, &Wasmstate{Plugins: w.Plugins, Sockets: w.Sockets, Data: w.Data, owner: w.owner})
}

// TakeOver starts a process that succeeds the running one on the same folders, and waits until the
// first has finished its calls and ended.
func (w *Wasmstate) TakeOver(t testing.TB) *Wasmstate {
	t.Helper()
	next := serve(t, &Wasmstate{Plugins: w.Plugins, Sockets: w.Sockets, Data: w.Data, owner: w.owner}, "--takeover")
	select {
	case <-w.Exited():
	case <-time.After(30 * time.Second):
		t.Fatalf("%s (pid %d) did not end within 30 s of its successor's sockets", w.name, w.ID())
	}
	return next
}

// Socket of a plugin.
func (w *Wasmstate) Socket(plugin string) string {
	return filepath.Join(w.Sockets, plugin+".sock")
}

func serve(t testing.TB, w *Wasmstate, arguments ...string) *Wasmstate {
	t.Helper()
	node := Repository("node_modules", ".bin", "node")
	main := Repository("dist", "cli", "main.js")
	for _, needed := range []string{node, main} {
		if _, err := os.Stat(needed); err != nil {
			Unavailable(t, "wasmstate is not built (npm ci && npm run build): %v", err)
		}
	}
	old := socketsIn(w.Sockets, w.Plugins.names)
	arguments = append([]string{main, "serve", "--plugins", w.Plugins.Folder, "--sockets", w.Sockets}, arguments...)
	cmd := exec.Command(node, arguments...)
	cmd.Env = append(os.Environ(), "WASMSTATE_DATA="+w.Data)
	w.Process = Start(w.owner, "wasmstate", cmd)
	awaitSockets(t, w.Process, w.Sockets, w.Plugins.names, old)
	return w
}

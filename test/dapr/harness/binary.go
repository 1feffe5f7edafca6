package harness

import (
	"os/exec"
	"sync"
	"testing"
)

var built sync.Map // name -> func() ([]byte, error), run once

// Binary builds one of the programs of scripts/dapr-binaries.sh, unless it is up to date, and
// gives its path.
func Binary(t testing.TB, name string) string {
	t.Helper()
	build, _ := built.LoadOrStore(name, sync.OnceValues(func() ([]byte, error) {
		return exec.Command(Repository("scripts", "dapr-binaries.sh"), name).CombinedOutput()
	}))
	if output, err := build.(func() ([]byte, error))(); err != nil {
		t.Fatalf("%s does not build: %v\n%s", name, err, output)
	}
	return Repository("test", "dapr", "build", name)
}

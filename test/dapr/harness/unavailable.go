package harness

import (
	"os"
	"os/exec"
	"testing"
)

// Unavailable ends the test because the machine lacks something. On CI that is a failure: there,
// a skipped test would hide that nothing was tested.
func Unavailable(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// NeedCommand finds a command of the machine, or ends the test by Unavailable.
func NeedCommand(t testing.TB, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Unavailable(t, "%s is not installed: install %s", name, from)
	}
	return path
}

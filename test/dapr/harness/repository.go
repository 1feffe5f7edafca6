package harness

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Repository gives the absolute path of a file of this repository.
func Repository(elements ...string) string {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	return filepath.Join(append([]string{root}, elements...)...)
}

// Folder makes a temporary folder with a short name, which testing's own TempDir does not: the
// path of a Unix socket has at most 107 bytes. It goes with the test.
func Folder(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "wst-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

package harness

import (
	"os"
	"path/filepath"
	"testing"
)

// socketsIn remembers the sockets that a folder holds, so that one which a killed process left
// behind is not taken for its successor's.
func socketsIn(folder string, names []string) map[string]os.FileInfo {
	found := map[string]os.FileInfo{}
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(folder, name+".sock")); err == nil {
			found[name] = info
		}
	}
	return found
}

// awaitSockets waits until a component's process serves the named sockets, other than the old.
func awaitSockets(t testing.TB, process *Process, folder string, names []string, old map[string]os.FileInfo) {
	t.Helper()
	for _, name := range names {
		process.Await(t, "serving "+name+".sock", func() bool {
			info, err := os.Stat(filepath.Join(folder, name+".sock"))
			if err != nil || info.Mode()&os.ModeSocket == 0 {
				return false
			}
			// A new file may get a removed one's inode, but not its time too.
			before, known := old[name]
			return !known || !os.SameFile(before, info) || !before.ModTime().Equal(info.ModTime())
		})
	}
}

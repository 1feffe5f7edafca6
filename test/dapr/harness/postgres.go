package harness

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func startPostgres(t testing.TB) (*Process, string) {
	t.Helper()
	programs := postgresPrograms(t)
	folder, port := Folder(t), strconv.Itoa(Port(t))
	account := unprivileged(t, folder)

	initdb := exec.Command(filepath.Join(programs, "initdb"),
		"--pgdata", filepath.Join(folder, "data"), "--auth", "trust", "--username", "postgres", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = folder, &syscall.SysProcAttr{Credential: account}
	if output, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, output)
	}

	postgres := exec.Command(filepath.Join(programs, "postgres"), "-D", filepath.Join(folder, "data"),
		"-h", "127.0.0.1", "-p", port, "-k", folder)
	postgres.Dir, postgres.SysProcAttr = folder, &syscall.SysProcAttr{Credential: account}
	process := Start(t, "postgres", postgres)
	// Its SIGTERM waits for clients to leave, SIGINT sends them away.
	process.stop = syscall.SIGINT
	process.Await(t, "ready", func() bool {
		return exec.Command(filepath.Join(programs, "pg_isready"), "-h", "127.0.0.1", "-p", port).Run() == nil
	})
	return process, fmt.Sprintf("postgres://postgres@127.0.0.1:%s/postgres", port)
}

// postgresPrograms finds the server's programs, which Debian keeps outside the path.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	initdb, err := filepath.EvalSymlinks(NeedCommand(t, "initdb", "postgresql"))
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(initdb)
}

// unprivileged gives a folder to the account that the server runs under, as it refuses to be
// root; nil where the tests are not root themselves.
func unprivileged(t testing.TB, folder string) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		Unavailable(t, "PostgreSQL does not run as root and there is no account for it: %v", err)
	}
	uid, _ := strconv.ParseUint(account.Uid, 10, 32)
	gid, _ := strconv.ParseUint(account.Gid, 10, 32)
	if err := os.Chown(folder, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

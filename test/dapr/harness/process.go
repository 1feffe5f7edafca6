package harness

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Process is a child process of the test. It ends with the test at the latest, even if the test's
// own process is killed.
type Process struct {
	name   string
	cmd    *exec.Cmd
	log    *logBuffer
	exited chan struct{}
	// stop is the signal that asks it to end.
	stop syscall.Signal
	// killed by the test: how it ended needs no explanation.
	killed bool
}

// Start runs a command whose output is kept, and shown if the test fails, unless the test killed
// it.
func Start(t testing.TB, name string, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{name: name, cmd: cmd, log: &logBuffer{}, exited: make(chan struct{}), stop: syscall.SIGTERM}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s does not start: %v", name, err)
	}
	go func() {
		defer close(p.exited)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		p.Stop(t)
		if t.Failed() && !p.killed {
			t.Logf("--- log of %s (pid %d, %s)\n%s\n---", name, cmd.Process.Pid, cmd.ProcessState, p.log.excerpt())
		}
	})
	return p
}

// ID is the process's id.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Log is what the process printed so far.
func (p *Process) Log() string { return p.log.String() }

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// ExitCode of a process that has ended; -1 if a signal ended it.
func (p *Process) ExitCode() int {
	<-p.exited
	return p.cmd.ProcessState.ExitCode()
}

// Stop asks the process to end and waits for it. One that has not ended after 20 s is killed, and
// the test fails.
func (p *Process) Stop(t testing.TB) {
	t.Helper()
	p.signal(p.stop)
	select {
	case <-p.exited:
	case <-time.After(20 * time.Second):
		t.Errorf("%s did not end within 20 s of %v", p.name, p.stop)
		p.signal(syscall.SIGKILL)
		<-p.exited
	}
}

// Kill ends the process at once, as kill -9 does, and waits until it is gone.
func (p *Process) Kill() {
	p.killed = true
	p.signal(syscall.SIGKILL)
	<-p.exited
}

func (p *Process) signal(signal os.Signal) {
	select {
	case <-p.exited:
	default:
		_ = p.cmd.Process.Signal(signal) // fails only if it ended meanwhile
	}
}

// mustHaveEnded fails a test that would start a process beside the one it replaces.
func (p *Process) mustHaveEnded(t testing.TB) {
	t.Helper()
	select {
	case <-p.exited:
	default:
		t.Fatalf("%s still runs: end it before it is started again", p.name)
	}
}

// Await waits until ready says true. It ends the test when the process ends first, or after
// 30 s.
func (p *Process) Await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for !ready() {
		select {
		case <-p.exited:
			t.Fatalf("%s ended (%s) before %s", p.name, p.cmd.ProcessState, what)
		case <-deadline:
			t.Fatalf("%s: not %s within 30 s", p.name, what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

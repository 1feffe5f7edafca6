// Package harness starts and ends what the tests of this module run: daprd and its control plane,
// wasmstate, other components and databases. Everything listens on the loopback interface or on
// Unix sockets in temporary folders, and everything is ended by its process id when the test that
// started it ends; a failing test gets the processes' logs.
package harness

package harness

import (
	"testing"
)

// Engine is a key-value engine ready for `state.durable`.
type Engine struct {
	Name string
	// Properties of a component that choose the engine.
	Properties map[string]string
	// Server is the engine's own process; nil for those inside wasmstate.
	Server *Process
}

// Engines are the names that StartEngine takes.
var Engines = []string{"memory", "sqlite", "redis", "postgres", "etcd"}

// StartEngine starts the engine's server, where it has one, on a temporary folder.
func StartEngine(t testing.TB, name string) Engine {
	t.Helper()
	engine := Engine{Name: name, Properties: map[string]string{"kv.engine": name}}
	var url string
	switch name {
	case "memory", "sqlite":
		return engine
	case "redis":
		engine.Server, url = startRedis(t)
	case "postgres":
		engine.Server, url = startPostgres(t)
	case "etcd":
		engine.Server, url = startEtcd(t)
	default:
		t.Fatalf("no engine of that name: %s", name)
	}
	engine.Properties["kv.url"] = url
	return engine
}

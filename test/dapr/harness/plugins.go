package harness

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// Plugins is a folder that wasmstate serves, put together from the repository's plugins.
type Plugins struct {
	Folder string
	names  []string
}

// NewPlugins makes an empty folder.
func NewPlugins(t testing.TB) *Plugins {
	t.Helper()
	return &Plugins{Folder: Folder(t)}
}

// Setting changes one field of a manifest, named by its path: {"limits.call", "500ms"}.
type Setting struct {
	Path  string
	Value any
}

// Add copies a plugin, given by its folder in the repository (`plugins/memory`), under a name.
func (p *Plugins) Add(t testing.TB, source, name string, settings ...Setting) *Plugins {
	t.Helper()
	text, err := os.ReadFile(Repository(source, "plugin.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	manifest := map[string]any{}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatalf("%s/plugin.yaml: %v", source, err)
	}
	module, ok := manifest["module"].(string)
	if !ok {
		t.Fatalf("%s/plugin.yaml names no module", source)
	}
	code, err := os.ReadFile(Repository(source, module))
	if err != nil {
		Unavailable(t, "%s/%s is not built: %v", source, module, err)
	}
	for _, setting := range settings {
		set(manifest, strings.Split(setting.Path, "."), setting.Value)
	}
	if text, err = yaml.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(p.Folder, name, module), code)
	write(t, filepath.Join(p.Folder, name, "plugin.yaml"), text)
	p.names = append(p.names, name)
	return p
}

// Change gives a plugin that is served other settings. The manifest is replaced in one step, so
// that no reader sees half of it.
func (p *Plugins) Change(t testing.TB, name string, settings ...Setting) {
	t.Helper()
	path := filepath.Join(p.Folder, name, "plugin.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	manifest := map[string]any{}
	if err := yaml.Unmarshal(text, &manifest); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, setting := range settings {
		set(manifest, strings.Split(setting.Path, "."), setting.Value)
	}
	if text, err = yaml.Marshal(manifest); err != nil {
		t.Fatal(err)
	}
	write(t, path+".new", text)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func set(manifest map[string]any, path []string, value any) {
	if len(path) == 1 {
		manifest[path[0]] = value
		return
	}
	inner, ok := manifest[path[0]].(map[string]any)
	if !ok {
		inner = map[string]any{}
		manifest[path[0]] = inner
	}
	set(inner, path[1:], value)
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

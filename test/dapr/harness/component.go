package harness

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Component is a Dapr component: one use of a plugin or of a built-in store.
type Component struct {
	Name string
	// Type as in `state.memory`.
	Type     string
	Metadata map[string]string
}

// write puts the component's definition into a resources folder. JSON is YAML, and needs no
// thought about quoting.
func (c Component) write(t testing.TB, folder string) {
	t.Helper()
	type property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	properties := []property{}
	for name, value := range c.Metadata {
		properties = append(properties, property{name, value})
	}
	text, err := json.MarshalIndent(map[string]any{
		"apiVersion": "dapr.io/v1alpha1",
		"kind":       "Component",
		"metadata":   map[string]any{"name": c.Name},
		"spec":       map[string]any{"type": c.Type, "version": "v1", "metadata": properties},
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, c.Name+".yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

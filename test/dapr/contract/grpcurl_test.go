package contract

import (
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"wasmstate.test/dapr/harness"
)

// TestGrpcurl uses a plugin's socket with nothing but grpcurl, as a person at a shell does.
func TestGrpcurl(t *testing.T) {
	plugins := harness.NewPlugins(t).Add(t, "plugins/memory", "memory")
	socket := harness.StartWasmstate(t, plugins).Socket("memory")
	binary := harness.Binary(t, "grpcurl")

	const store = "dapr.proto.components.v1.StateStore"
	grpcurl := func(t *testing.T, before []string, after ...string) string {
		t.Helper()
		arguments := append([]string{"-plaintext"}, before...)
		arguments = append(append(arguments, "unix://"+socket), after...)
		output, err := exec.Command(binary, arguments...).CombinedOutput()
		if err != nil {
			t.Fatalf("grpcurl %s: %v\n%s", strings.Join(arguments, " "), err, output)
		}
		return string(output)
	}
	call := func(t *testing.T, method, request string) string {
		t.Helper()
		return grpcurl(t, []string{"-H", "x-component-instance: shell", "-d", request}, store+"/"+method)
	}

	t.Run("lists the services", func(t *testing.T) {
		listed := grpcurl(t, nil, "list")
		for _, name := range append([]string{"grpc.health.v1.Health"}, stateServices...) {
			if !strings.Contains(listed, name+"\n") {
				t.Errorf("%s is missing from:\n%s", name, listed)
			}
		}
	})
	t.Run("describes the service with its nine methods", func(t *testing.T) {
		described := grpcurl(t, nil, "describe", store)
		if count := strings.Count(described, "\n  rpc "); count != 9 {
			t.Errorf("%d methods in:\n%s", count, described)
		}
	})
	t.Run("sets and gets a value", func(t *testing.T) {
		call(t, "Init", `{"metadata": {"properties": {}}}`)
		call(t, "Set", `{"key": "k", "value": "aGVsbG8=", "contentType": "text/plain"}`)
		var got struct {
			Data, ContentType string
			Etag              struct{ Value string }
		}
		if err := json.Unmarshal([]byte(call(t, "Get", `{"key": "k"}`)), &got); err != nil {
			t.Fatal(err)
		}
		data, err := base64.StdEncoding.DecodeString(got.Data)
		if err != nil || string(data) != "hello" || got.ContentType != "text/plain" || got.Etag.Value == "" {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("learns that the plugin is healthy", func(t *testing.T) {
		answer := grpcurl(t, nil, "grpc.health.v1.Health/Check")
		if !strings.Contains(answer, `"status": "SERVING"`) {
			t.Error(answer)
		}
	})
}

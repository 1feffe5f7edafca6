package contract

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"wasmstate.test/dapr/harness"
)

// The services of a state store with everything, as daprd calls them.
var stateServices = []string{
	"dapr.proto.components.v1.QueriableStateStore",
	"dapr.proto.components.v1.StateStore",
	"dapr.proto.components.v1.TransactionalStateStore",
	"dapr.proto.components.v1.TransactionalStoreMultiMaxSize",
}

func TestReflection(t *testing.T) {
	plugins := harness.NewPlugins(t).Add(t, "plugins/memory", "memory")
	socket := harness.StartWasmstate(t, plugins).Socket("memory")

	for version, method := range methods {
		t.Run(version+" lists the services of a state store", func(t *testing.T) {
			var dapr []string
			for _, name := range reflection(t, socket, method).services() {
				if strings.HasPrefix(name, "dapr.") {
					dapr = append(dapr, name)
				}
			}
			slices.Sort(dapr)
			if diff := cmp.Diff(stateServices, dapr); diff != "" {
				t.Error(diff)
			}
		})
		t.Run(version+" describes them as Dapr's module does", func(t *testing.T) {
			files := reflection(t, socket, method).files(t, stateServices[0])
			for _, daprs := range []protoreflect.FileDescriptor{
				components.File_dapr_proto_components_v1_state_proto,
				components.File_dapr_proto_components_v1_common_proto,
			} {
				ours := byPath(t, files, daprs.Path())
				if diff := cmp.Diff(wireFacts(daprs), wireFacts(ours), protocmp.Transform()); diff != "" {
					t.Errorf("%s differs (-Dapr's +ours):\n%s", daprs.Path(), diff)
				}
			}
		})
	}
}

// wireFacts is what a file says, without what has no meaning on the wire: the order of its parts
// and options for code generators.
func wireFacts(file protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	parts := protodesc.ToFileDescriptorProto(file)
	parts.Options = nil
	slices.Sort(parts.Dependency)
	slices.SortFunc(parts.Service, func(a, b *descriptorpb.ServiceDescriptorProto) int {
		return strings.Compare(a.GetName(), b.GetName())
	})
	for _, service := range parts.Service {
		for _, method := range service.Method {
			if proto.Size(method.Options) == 0 {
				method.Options = nil // `rpc ... {}` is the same as `rpc ...;`
			}
		}
	}
	sortMessages(parts.MessageType)
	return parts
}

func sortMessages(messages []*descriptorpb.DescriptorProto) {
	slices.SortFunc(messages, func(a, b *descriptorpb.DescriptorProto) int {
		return strings.Compare(a.GetName(), b.GetName())
	})
	for _, message := range messages {
		slices.SortFunc(message.Field, func(a, b *descriptorpb.FieldDescriptorProto) int {
			return int(a.GetNumber() - b.GetNumber())
		})
		sortMessages(message.NestedType)
	}
}

// Package contract holds what wasmstate says of itself against Dapr's own definitions.
package contract

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// exchange sends one request to the reflection service and gives its answer. The two versions of
// the service differ in their package alone, so version 1's messages serve for both.
type exchange func(*reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse

// reflection opens the service by its full method name.
func reflection(t *testing.T, socket, method string) exchange {
	t.Helper()
	connection, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := connection.NewStream(ctx,
		&grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		connection.Close()
	})
	return func(request *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		t.Helper()
		if err := stream.SendMsg(request); err != nil {
			t.Fatal(err)
		}
		answer := &reflectionv1.ServerReflectionResponse{}
		if err := stream.RecvMsg(answer); err != nil {
			t.Fatalf("%v: %v", request, err)
		}
		if failure := answer.GetErrorResponse(); failure != nil {
			t.Fatalf("%v: %v", request, failure)
		}
		return answer
	}
}

var methods = map[string]string{
	"v1":      reflectionv1.ServerReflection_ServerReflectionInfo_FullMethodName,
	"v1alpha": reflectionv1alpha.ServerReflection_ServerReflectionInfo_FullMethodName,
}

func (ask exchange) services() []string {
	answer := ask(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}})
	var names []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	return names
}

// files gathers the files that define a symbol, imports included, as a client does that knows
// nothing of them.
func (ask exchange) files(t *testing.T, symbol string) *protoregistry.Files {
	t.Helper()
	found := map[string]*descriptorpb.FileDescriptorProto{}
	take := func(answer *reflectionv1.ServerReflectionResponse) {
		for _, bytes := range answer.GetFileDescriptorResponse().GetFileDescriptorProto() {
			file := &descriptorpb.FileDescriptorProto{}
			if err := proto.Unmarshal(bytes, file); err != nil {
				t.Fatal(err)
			}
			found[file.GetName()] = file
		}
	}
	take(ask(&reflectionv1.ServerReflectionRequest{
		MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: symbol}}))
	for missing := missingImports(found); len(missing) > 0; missing = missingImports(found) {
		for _, name := range missing {
			take(ask(&reflectionv1.ServerReflectionRequest{
				MessageRequest: &reflectionv1.ServerReflectionRequest_FileByFilename{FileByFilename: name}}))
			if found[name] == nil {
				t.Fatalf("reflection answers for %s with other files", name)
			}
		}
	}
	set := &descriptorpb.FileDescriptorSet{}
	for _, file := range found {
		set.File = append(set.File, file)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatalf("the reflected files do not fit together: %v", err)
	}
	return files
}

func missingImports(found map[string]*descriptorpb.FileDescriptorProto) (names []string) {
	for _, file := range found {
		for _, name := range file.GetDependency() {
			if found[name] == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

// byPath looks a file up by its path, as imports name it.
func byPath(t *testing.T, files *protoregistry.Files, path string) protoreflect.FileDescriptor {
	t.Helper()
	file, err := files.FindFileByPath(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

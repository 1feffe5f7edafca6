module wasmstate.test/guests

go 1.24.0

tool github.com/knqyf263/go-plugin/cmd/protoc-gen-go-plugin

require github.com/knqyf263/go-plugin v0.9.0

require (
	github.com/planetscale/vtprotobuf v0.4.0 // indirect
	google.golang.org/protobuf v1.30.0 // indirect
)

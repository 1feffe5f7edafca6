// Command gosdk is a state store on Dapr's Go SDK for pluggable components: the peer that
// benchmarks and the harness's own tests compare wasmstate with. It serves gosdk.sock in the
// folder that the SDK reads from the environment.
package main

import (
	dapr "github.com/dapr-sandbox/components-go-sdk"
	sdk "github.com/dapr-sandbox/components-go-sdk/state/v1"
)

func main() {
	dapr.Register("gosdk", dapr.WithStateStore(func() sdk.Store { return newStore() }))
	dapr.MustRun()
}

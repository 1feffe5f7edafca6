package conformance

import (
	"context"
	"slices"

	"github.com/dapr/components-contrib/state"
)

// etagBySingleCalls sends bulk requests with etags as single calls. The suite wants an error per
// key there, and the pluggable components' wire has room for one error a call.
type etagBySingleCalls struct{ connected }

func (s etagBySingleCalls) BulkSet(ctx context.Context, items []state.SetRequest, o state.BulkStoreOpts) error {
	if slices.ContainsFunc(items, func(r state.SetRequest) bool { return r.HasETag() }) {
		return state.DoBulkSetDelete(ctx, items, s.Set, o)
	}
	return s.connected.BulkSet(ctx, items, o)
}

func (s etagBySingleCalls) BulkDelete(ctx context.Context, items []state.DeleteRequest, o state.BulkStoreOpts) error {
	if slices.ContainsFunc(items, func(r state.DeleteRequest) bool { return r.HasETag() }) {
		return state.DoBulkSetDelete(ctx, items, s.Delete, o)
	}
	return s.connected.BulkDelete(ctx, items, o)
}

// withoutTTL does not announce TTL, though the store has it.
type withoutTTL struct{ connected }

func (s withoutTTL) Features() []state.Feature {
	return slices.DeleteFunc(slices.Clone(s.connected.Features()),
		func(feature state.Feature) bool { return feature == state.FeatureTTL })
}

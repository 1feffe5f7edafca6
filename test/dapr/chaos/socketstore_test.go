package chaos

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	components "github.com/dapr/dapr/pkg/proto/components/v1"

	"wasmstate.test/dapr/chaos/history"
)

// socketStore calls a plugin on its socket, past any daprd. Its calls wait for a process that
// takes them, and are only sent again where gRPC knows that none took them. So one that fails was
// taken.
type socketStore struct {
	plugin components.StateStoreClient
}

func (s socketStore) read(key string) (list []string, etag string, err error) {
	answer, err := s.plugin.Get(context.Background(), &components.GetRequest{Key: key})
	if err != nil {
		return nil, "", fmt.Errorf("get %s: %w", key, err)
	}
	one, err := entryOf(answer.GetData(), answer.GetEtag())
	return one.List, one.ETag, err
}

func (s socketStore) readAll(keys []string) (map[string]entry, error) {
	request := &components.BulkGetRequest{}
	for _, key := range keys {
		request.Items = append(request.Items, &components.GetRequest{Key: key})
	}
	answer, err := s.plugin.BulkGet(context.Background(), request)
	if err != nil {
		return nil, fmt.Errorf("bulk get: %w", err)
	}
	entries := map[string]entry{}
	for _, item := range answer.GetItems() {
		if item.GetError() != "" {
			return nil, fmt.Errorf("bulk get of %s: %s", item.GetKey(), item.GetError())
		}
		if entries[item.GetKey()], err = entryOf(item.GetData(), item.GetEtag()); err != nil {
			return nil, err
		}
	}
	if len(entries) != len(keys) {
		return nil, fmt.Errorf("bulk get of %d keys gave %d", len(keys), len(entries))
	}
	return entries, nil
}

func (s socketStore) write(key string, list []string, etag string) (history.Outcome, error) {
	value, err := json.Marshal(list)
	if err != nil {
		return history.Unknown, err
	}
	request := &components.SetRequest{Key: key, Value: value,
		Options: &components.StateOptions{Concurrency: components.StateOptions_CONCURRENCY_FIRST_WRITE}}
	if etag != "" {
		request.Etag = &components.Etag{Value: etag}
	}
	switch _, err := s.plugin.Set(context.Background(), request); status.Code(err) {
	case codes.OK:
		return history.Done, nil
	case codes.FailedPrecondition:
		return history.Refused, nil
	default:
		return history.Unknown, fmt.Errorf("set %s: %w", key, err)
	}
}

func entryOf(data []byte, etag *components.Etag) (entry, error) {
	one := entry{ETag: etag.GetValue()}
	if len(data) == 0 {
		return one, nil
	}
	err := json.Unmarshal(data, &one.List)
	return one, err
}

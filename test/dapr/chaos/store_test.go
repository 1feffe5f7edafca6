package chaos

import (
	"encoding/json"
	"fmt"
	"net/http"

	"wasmstate.test/dapr/chaos/history"
	"wasmstate.test/dapr/harness"
)

// store is what the clients of a workload call: a state store of lists.
type store interface {
	// read gives a list and its etag, both empty where there is nothing.
	read(key string) (list []string, etag string, err error)
	// readAll is read for several keys in one call.
	readAll(keys []string) (map[string]entry, error)
	// write puts a list in place of the one with that etag, or of nothing where it is empty.
	write(key string, list []string, etag string) (history.Outcome, error)
}

type entry struct {
	List []string
	ETag string
}

// sidecarStore calls the HTTP API of a daprd.
type sidecarStore struct{ harness.Store }

func (s sidecarStore) read(key string) (list []string, etag string, err error) {
	answer := s.Get(key)
	switch {
	case answer.Err == nil && answer.Status == http.StatusOK:
		err = answer.Decode(&list)
		return list, answer.ETag(), err
	case answer.Err == nil && answer.Status == http.StatusNoContent:
		return nil, "", nil
	default:
		return nil, "", failed("get "+key, answer)
	}
}

func (s sidecarStore) readAll(keys []string) (map[string]entry, error) {
	answer := s.BulkGet(keys...)
	if answer.Err != nil || answer.Status != http.StatusOK {
		return nil, failed("bulk get", answer)
	}
	var items []struct {
		Key   string          `json:"key"`
		Data  json.RawMessage `json:"data"`
		ETag  string          `json:"etag"`
		Error string          `json:"error"`
	}
	if err := answer.Decode(&items); err != nil {
		return nil, err
	}
	entries := map[string]entry{}
	for _, item := range items {
		one := entry{ETag: item.ETag}
		if item.Error != "" {
			return nil, fmt.Errorf("bulk get of %s: %s", item.Key, item.Error)
		}
		if len(item.Data) > 0 {
			if err := json.Unmarshal(item.Data, &one.List); err != nil {
				return nil, fmt.Errorf("bulk get of %s: %w", item.Key, err)
			}
		}
		entries[item.Key] = one
	}
	if len(entries) != len(keys) {
		return nil, fmt.Errorf("bulk get of %d keys gave %d", len(keys), len(entries))
	}
	return entries, nil
}

func (s sidecarStore) write(key string, list []string, etag string) (history.Outcome, error) {
	answer := s.Set(harness.Item{Key: key, Value: list, ETag: etag, Options: harness.FirstWrite})
	switch {
	case answer.Err == nil && answer.Status == http.StatusNoContent:
		return history.Done, nil
	case answer.Err == nil && answer.Status == http.StatusConflict:
		return history.Refused, nil
	default:
		return history.Unknown, failed("set "+key, answer)
	}
}

func failed(what string, answer harness.Answer) error {
	return fmt.Errorf("%s: status %d: %s %v", what, answer.Status, answer.Body, answer.Err)
}

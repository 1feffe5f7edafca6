package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/dapr/components-contrib/state"
)

// store keeps everything in one map, as small as a store on this SDK can be, so that what is
// measured is the SDK and the wire.
type store struct {
	state.BulkStore
	lock    sync.RWMutex
	items   map[string]item
	version uint64
}

type item struct {
	data    []byte
	etag    string
	content *string
}

func newStore() *store {
	s := &store{items: map[string]item{}}
	s.BulkStore = state.NewDefaultBulkStore(s)
	return s
}

func (s *store) Init(context.Context, state.Metadata) error { return nil }

func (s *store) Features() []state.Feature {
	return []state.Feature{state.FeatureETag, state.FeatureTransactional}
}

func (s *store) GetComponentMetadata() map[string]string { return nil }

func (s *store) Get(_ context.Context, request *state.GetRequest) (*state.GetResponse, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	found, ok := s.items[request.Key]
	if !ok {
		return &state.GetResponse{}, nil
	}
	return &state.GetResponse{Data: found.data, ETag: &found.etag, ContentType: found.content}, nil
}

func (s *store) Set(_ context.Context, request *state.SetRequest) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if err := s.check(request.Key, request.ETag, request.Options.Concurrency); err != nil {
		return err
	}
	return s.put(request)
}

func (s *store) Delete(_ context.Context, request *state.DeleteRequest) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if err := s.check(request.Key, request.ETag, request.Options.Concurrency); err != nil {
		return err
	}
	delete(s.items, request.Key)
	return nil
}

// Multi checks every etag before the first operation is applied.
func (s *store) Multi(_ context.Context, request *state.TransactionalStateRequest) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, operation := range request.Operations {
		var err error
		switch one := operation.(type) {
		case state.SetRequest:
			err = s.check(one.Key, one.ETag, one.Options.Concurrency)
		case state.DeleteRequest:
			err = s.check(one.Key, one.ETag, one.Options.Concurrency)
		}
		if err != nil {
			return err
		}
	}
	for _, operation := range request.Operations {
		switch one := operation.(type) {
		case state.SetRequest:
			if err := s.put(&one); err != nil {
				return err
			}
		case state.DeleteRequest:
			delete(s.items, one.Key)
		}
	}
	return nil
}

func (s *store) put(request *state.SetRequest) error {
	data, ok := request.Value.([]byte)
	if !ok {
		// The SDK hands JSON over already parsed.
		var err error
		if data, err = json.Marshal(request.Value); err != nil {
			return fmt.Errorf("value of %q: %w", request.Key, err)
		}
	}
	s.version++
	s.items[request.Key] = item{data, strconv.FormatUint(s.version, 10), request.ContentType}
	return nil
}

func (s *store) check(key string, etag *string, concurrency string) error {
	found, exists := s.items[key]
	switch {
	case etag != nil && *etag != "":
		if !exists || found.etag != *etag {
			return state.NewETagError(state.ETagMismatch, errors.New("the etag is not the current one"))
		}
	case concurrency == state.FirstWrite && exists:
		return state.NewETagError(state.ETagMismatch, errors.New("the key exists already"))
	}
	return nil
}

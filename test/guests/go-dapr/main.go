//go:build wasip1

// A map store on the dapr dialect, with stubs as go-plugin's generator makes them.
package main

import (
	"context"
	"strconv"

	dapr "wasmstate.test/guests/build/gen/dapr/proto/components/v1"
	"wasmstate.test/guests/failure"
	"wasmstate.test/guests/trouble"
)

// A reactor: the host calls exports, main never runs.
func main() {}

func init() {
	s := &store{items: map[string]item{}}
	dapr.RegisterStateStore(s)
	dapr.RegisterTransactionalStateStore(s)
}

type item struct {
	data        []byte
	contentType string
	version     uint64
}

type store struct {
	items map[string]item
	// The version of the newest write; versions are the etags and never repeat.
	version uint64
}

func (s *store) Init(context.Context, *dapr.InitRequest) (*dapr.InitResponse, error) {
	return &dapr.InitResponse{}, nil
}

func (s *store) Features(context.Context, *dapr.FeaturesRequest) (*dapr.FeaturesResponse, error) {
	return &dapr.FeaturesResponse{Features: []string{"ETAG", "TRANSACTIONAL"}}, nil
}

func (s *store) Ping(context.Context, *dapr.PingRequest) (*dapr.PingResponse, error) {
	return &dapr.PingResponse{}, nil
}

func (s *store) Get(_ context.Context, r *dapr.GetRequest) (*dapr.GetResponse, error) {
	if answer, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.GetResponse{Data: answer}, err
	}
	found, ok := s.items[r.GetKey()]
	if !ok {
		return &dapr.GetResponse{}, nil
	}
	return &dapr.GetResponse{
		Data: found.data, ContentType: found.contentType, Etag: &dapr.Etag{Value: etagOf(found)}}, nil
}

func (s *store) Set(_ context.Context, r *dapr.SetRequest) (*dapr.SetResponse, error) {
	if _, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.SetResponse{}, err
	}
	if err := s.check(r.GetKey(), r.GetEtag(), r.GetOptions()); err != nil {
		return nil, err
	}
	s.put(r)
	return &dapr.SetResponse{}, nil
}

func (s *store) Delete(_ context.Context, r *dapr.DeleteRequest) (*dapr.DeleteResponse, error) {
	if _, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.DeleteResponse{}, err
	}
	if err := s.check(r.GetKey(), r.GetEtag(), r.GetOptions()); err != nil {
		return nil, err
	}
	delete(s.items, r.GetKey())
	return &dapr.DeleteResponse{}, nil
}

func (s *store) BulkGet(c context.Context, r *dapr.BulkGetRequest) (*dapr.BulkGetResponse, error) {
	answer := &dapr.BulkGetResponse{}
	for _, wanted := range r.GetItems() {
		got, err := s.Get(c, wanted)
		if err != nil {
			answer.Items = append(answer.Items, &dapr.BulkStateItem{Key: wanted.GetKey(), Error: err.Error()})
			continue
		}
		answer.Items = append(answer.Items, &dapr.BulkStateItem{
			Key: wanted.GetKey(), Data: got.GetData(), Etag: got.GetEtag(), ContentType: got.GetContentType()})
	}
	return answer, nil
}

func (s *store) BulkSet(c context.Context, r *dapr.BulkSetRequest) (*dapr.BulkSetResponse, error) {
	for _, one := range r.GetItems() {
		if _, err := s.Set(c, one); err != nil {
			return nil, err
		}
	}
	return &dapr.BulkSetResponse{}, nil
}

func (s *store) BulkDelete(c context.Context, r *dapr.BulkDeleteRequest) (*dapr.BulkDeleteResponse, error) {
	for _, one := range r.GetItems() {
		if _, err := s.Delete(c, one); err != nil {
			return nil, err
		}
	}
	return &dapr.BulkDeleteResponse{}, nil
}

// Transact checks every operation before it applies the first.
func (s *store) Transact(
	_ context.Context, r *dapr.TransactionalStateRequest,
) (*dapr.TransactionalStateResponse, error) {
	for _, operation := range r.GetOperations() {
		var err error
		if set := operation.GetSet(); set != nil {
			err = s.check(set.GetKey(), set.GetEtag(), set.GetOptions())
		} else if gone := operation.GetDelete(); gone != nil {
			err = s.check(gone.GetKey(), gone.GetEtag(), gone.GetOptions())
		}
		if err != nil {
			return nil, err
		}
	}
	for _, operation := range r.GetOperations() {
		if set := operation.GetSet(); set != nil {
			s.put(set)
		} else if gone := operation.GetDelete(); gone != nil {
			delete(s.items, gone.GetKey())
		}
	}
	return &dapr.TransactionalStateResponse{}, nil
}

func (s *store) put(r *dapr.SetRequest) {
	s.version++
	s.items[r.GetKey()] = item{data: r.GetValue(), contentType: r.GetContentType(), version: s.version}
}

// check holds the caller's etag, or first-write without one, against what is stored.
func (s *store) check(key string, etag *dapr.Etag, options *dapr.StateOptions) error {
	found, ok := s.items[key]
	if want := etag.GetValue(); want != "" {
		if _, err := strconv.ParseUint(want, 10, 64); err != nil {
			return failure.Invalid(want)
		}
		if !ok || etagOf(found) != want {
			return failure.Mismatch(key)
		}
	} else if ok && options.GetConcurrency() == dapr.StateOptions_CONCURRENCY_FIRST_WRITE {
		return failure.Mismatch(key)
	}
	return nil
}

func etagOf(i item) string { return strconv.FormatUint(i.version, 10) }

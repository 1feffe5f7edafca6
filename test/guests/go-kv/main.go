//go:build wasip1

// A store whose state lives in the host: every call is one or more calls of the capability kv,
// through stubs as go-plugin's generator makes them.
package main

import (
	"context"
	"strconv"
	"strings"

	dapr "wasmstate.test/guests/build/gen/dapr/proto/components/v1"
	"wasmstate.test/guests/build/gen/wasmstate/kv/v1"
	"wasmstate.test/guests/trouble"
)

// A reactor: the host calls exports, main never runs.
func main() {}

func init() {
	s := store{kv: kv.NewKeyValue()}
	dapr.RegisterStateStore(s)
	dapr.RegisterTransactionalStateStore(s)
}

type store struct{ kv kv.KeyValue }

func (s store) Init(context.Context, *dapr.InitRequest) (*dapr.InitResponse, error) {
	return &dapr.InitResponse{}, nil
}

func (s store) Features(context.Context, *dapr.FeaturesRequest) (*dapr.FeaturesResponse, error) {
	return &dapr.FeaturesResponse{Features: []string{"ETAG", "TRANSACTIONAL", "TTL"}}, nil
}

func (s store) Ping(context.Context, *dapr.PingRequest) (*dapr.PingResponse, error) {
	return &dapr.PingResponse{}, nil
}

// Get also answers `count:<prefix>` with the number of the caller's keys that begin so, as text.
func (s store) Get(c context.Context, r *dapr.GetRequest) (*dapr.GetResponse, error) {
	if answer, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.GetResponse{Data: answer}, err
	}
	if app, prefix, asked := strings.Cut(r.GetKey(), "count:"); asked {
		count, err := s.count(c, app+prefix)
		return &dapr.GetResponse{Data: []byte(strconv.Itoa(count))}, err
	}
	got, err := s.read(c, []string{r.GetKey()})
	if err != nil {
		return nil, err
	}
	return got[0], nil
}

func (s store) BulkGet(c context.Context, r *dapr.BulkGetRequest) (*dapr.BulkGetResponse, error) {
	keys := make([]string, 0, len(r.GetItems()))
	for _, wanted := range r.GetItems() {
		keys = append(keys, wanted.GetKey())
	}
	got, err := s.read(c, keys)
	if err != nil {
		return nil, err
	}
	answer := &dapr.BulkGetResponse{}
	for i, key := range keys {
		answer.Items = append(answer.Items, &dapr.BulkStateItem{
			Key: key, Data: got[i].GetData(), Etag: got[i].GetEtag(),
			Metadata: got[i].GetMetadata(), ContentType: got[i].GetContentType()})
	}
	return answer, nil
}

func (s store) Set(c context.Context, r *dapr.SetRequest) (*dapr.SetResponse, error) {
	if _, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.SetResponse{}, err
	}
	var w writes
	if err := w.set(r); err != nil {
		return nil, err
	}
	return &dapr.SetResponse{}, s.commit(c, &w)
}

func (s store) Delete(c context.Context, r *dapr.DeleteRequest) (*dapr.DeleteResponse, error) {
	if _, handled, err := trouble.Of(r.GetKey()); handled {
		return &dapr.DeleteResponse{}, err
	}
	var w writes
	if err := w.delete(r); err != nil {
		return nil, err
	}
	return &dapr.DeleteResponse{}, s.commit(c, &w)
}

// BulkSet is one commit: either every item is written or none.
func (s store) BulkSet(c context.Context, r *dapr.BulkSetRequest) (*dapr.BulkSetResponse, error) {
	var w writes
	for _, one := range r.GetItems() {
		if err := w.set(one); err != nil {
			return nil, err
		}
	}
	return &dapr.BulkSetResponse{}, s.commit(c, &w)
}

// BulkDelete is one commit: either every item is deleted or none.
func (s store) BulkDelete(c context.Context, r *dapr.BulkDeleteRequest) (*dapr.BulkDeleteResponse, error) {
	var w writes
	for _, one := range r.GetItems() {
		if err := w.delete(one); err != nil {
			return nil, err
		}
	}
	return &dapr.BulkDeleteResponse{}, s.commit(c, &w)
}

func (s store) Transact(
	c context.Context, r *dapr.TransactionalStateRequest,
) (*dapr.TransactionalStateResponse, error) {
	var w writes
	for _, operation := range r.GetOperations() {
		var err error
		if set := operation.GetSet(); set != nil {
			err = w.set(set)
		} else if gone := operation.GetDelete(); gone != nil {
			err = w.delete(gone)
		}
		if err != nil {
			return nil, err
		}
	}
	return &dapr.TransactionalStateResponse{}, s.commit(c, &w)
}

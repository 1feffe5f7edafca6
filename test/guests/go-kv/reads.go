//go:build wasip1

package main

import (
	"context"
	"strconv"
	"time"

	dapr "wasmstate.test/guests/build/gen/dapr/proto/components/v1"
	"wasmstate.test/guests/build/gen/wasmstate/kv/v1"
	"wasmstate.test/guests/failure"
)

// read gives one response for each key, an empty one where there is nothing.
func (s store) read(c context.Context, keys []string) ([]*dapr.GetResponse, error) {
	request := &kv.GetRequest{}
	for _, key := range keys {
		request.Keys = append(request.Keys, []byte(key))
	}
	answer, err := s.kv.Get(c, request)
	if err != nil {
		return nil, err
	}
	if answer.GetError() != nil {
		return nil, refused(answer.GetError())
	}
	found := make([]*dapr.GetResponse, 0, len(keys))
	for _, entry := range answer.GetEntries() {
		response := &dapr.GetResponse{}
		if entry.GetFound() {
			if err := response.UnmarshalVT(entry.GetValue()); err != nil {
				return nil, err
			}
			response.Etag = &dapr.Etag{Value: strconv.FormatUint(entry.GetVersion(), 10)}
			if entry.GetExpiresAt() != 0 {
				expires := time.UnixMilli(entry.GetExpiresAt()).UTC().Format(time.RFC3339)
				response.Metadata = map[string]string{"ttlExpireTime": expires}
			}
		}
		found = append(found, response)
	}
	return found, nil
}

// count pages through all keys that begin with prefix.
func (s store) count(c context.Context, prefix string) (int, error) {
	request := &kv.ScanRequest{Prefix: []byte(prefix), KeysOnly: true, Limit: 100}
	for count := 0; ; {
		page, err := s.kv.Scan(c, request)
		if err != nil {
			return 0, err
		}
		if page.GetError() != nil {
			return 0, refused(page.GetError())
		}
		count += len(page.GetEntries())
		if len(page.GetCursor()) == 0 {
			return count, nil
		}
		request.Cursor = page.GetCursor()
	}
}

// refused turns an error of kv into the status that the caller gets.
func refused(e *kv.Error) error {
	code := "INTERNAL"
	switch e.GetCode() {
	case kv.ErrorCode_ERROR_CODE_INVALID_ARGUMENT, kv.ErrorCode_ERROR_CODE_TOO_LARGE:
		code = "INVALID_ARGUMENT"
	case kv.ErrorCode_ERROR_CODE_UNAVAILABLE, kv.ErrorCode_ERROR_CODE_UNKNOWN_OUTCOME:
		code = "UNAVAILABLE"
	case kv.ErrorCode_ERROR_CODE_DEADLINE_EXCEEDED:
		code = "DEADLINE_EXCEEDED"
	}
	return &failure.Failure{Code: code, Message: e.GetMessage()}
}

//go:build wasip1

package main

import (
	"context"
	"strconv"

	dapr "wasmstate.test/guests/build/gen/dapr/proto/components/v1"
	"wasmstate.test/guests/build/gen/wasmstate/kv/v1"
	"wasmstate.test/guests/failure"
)

// writes gathers Dapr's operations into one commit.
type writes struct {
	checks []*kv.Check
	writes []*kv.Write
}

func (w *writes) set(r *dapr.SetRequest) error {
	if err := w.check(r.GetKey(), r.GetEtag(), r.GetOptions()); err != nil {
		return err
	}
	ttl, err := ttlOf(r.GetMetadata())
	if err != nil {
		return err
	}
	// What is kept of a value is a GetResponse; its etag is the version that kv gives.
	value, err := (&dapr.GetResponse{Data: r.GetValue(), ContentType: r.GetContentType()}).MarshalVT()
	if err != nil {
		return err
	}
	w.writes = append(w.writes, &kv.Write{
		Key: []byte(r.GetKey()), Operation: &kv.Write_Put{Put: &kv.Put{Value: value, Ttl: ttl}}})
	return nil
}

func (w *writes) delete(r *dapr.DeleteRequest) error {
	if err := w.check(r.GetKey(), r.GetEtag(), r.GetOptions()); err != nil {
		return err
	}
	w.writes = append(w.writes, &kv.Write{
		Key: []byte(r.GetKey()), Operation: &kv.Write_Delete{Delete: &kv.Delete{}}})
	return nil
}

func (w *writes) check(key string, etag *dapr.Etag, options *dapr.StateOptions) error {
	if want := etag.GetValue(); want != "" {
		version, err := strconv.ParseUint(want, 10, 64)
		if err != nil {
			return failure.Invalid(want)
		}
		w.checks = append(w.checks, &kv.Check{
			Key: []byte(key), Condition: &kv.Check_Version{Version: version}})
	} else if options.GetConcurrency() == dapr.StateOptions_CONCURRENCY_FIRST_WRITE {
		w.checks = append(w.checks, &kv.Check{
			Key: []byte(key), Condition: &kv.Check_Absent{Absent: true}})
	}
	return nil
}

func (s store) commit(c context.Context, w *writes) error {
	answer, err := s.kv.Commit(c, &kv.CommitRequest{Checks: w.checks, Writes: w.writes})
	if err != nil {
		return err
	}
	if answer.GetError() != nil {
		return refused(answer.GetError())
	}
	if failed := answer.GetFailedCheck(); failed != nil {
		return failure.Mismatch(string(w.checks[failed.GetIndex()].GetKey()))
	}
	return nil
}

// ttlOf reads ttlInSeconds, -1 of which means none, into milliseconds.
func ttlOf(metadata map[string]string) (uint64, error) {
	text, given := metadata["ttlInSeconds"]
	if !given || text == "-1" {
		return 0, nil
	}
	seconds, err := strconv.ParseUint(text, 10, 32)
	if err != nil || seconds == 0 {
		return 0, &failure.Failure{Code: "INVALID_ARGUMENT", Message: "ttlInSeconds is not a time to live: " + text}
	}
	return seconds * 1000, nil
}

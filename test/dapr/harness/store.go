package harness

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Store is one state store behind a daprd's HTTP API, as an application uses it.
type Store struct {
	daprd *Daprd
	name  string
}

// client keeps a connection for each of a load test's clients; the default one keeps two. No call
// of a test takes as long as its timeout, so a hanging one becomes a failure.
var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// Store addresses a component by its name.
func (d *Daprd) Store(name string) Store { return Store{d, name} }

// Item is what an application asks to write.
type Item struct {
	Key         string            `json:"key"`
	Value       any               `json:"value,omitempty"`
	ETag        string            `json:"etag,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Options     *ItemOptions      `json:"options,omitempty"`
}

// ItemOptions ask for `first-write` or `last-write`, `strong` or `eventual`.
type ItemOptions struct {
	Concurrency string `json:"concurrency,omitempty"`
	Consistency string `json:"consistency,omitempty"`
}

// FirstWrite makes a write fail where another came first.
var FirstWrite = &ItemOptions{Concurrency: "first-write"}

// Operation of a transaction: `upsert` or `delete`.
type Operation struct {
	Operation string `json:"operation"`
	Request   Item   `json:"request"`
}

// Answer of the HTTP API. Status is 0 when there was none, and Err says why.
type Answer struct {
	Status int
	Body   string
	Header http.Header
	Err    error
}

// Decode parses the body, which must be JSON.
func (a Answer) Decode(into any) error { return json.Unmarshal([]byte(a.Body), into) }

// ETag that came with a value.
func (a Answer) ETag() string { return a.Header.Get("ETag") }

// Set writes items; two or more become one bulk call to the component.
func (s Store) Set(items ...Item) Answer {
	return s.call(http.MethodPost, "", items, nil)
}

// Get reads one key: 200 with a value, 204 without one.
func (s Store) Get(key string) Answer {
	return s.call(http.MethodGet, "/"+url.PathEscape(key), nil, nil)
}

// Delete removes a key; an etag that is not empty must be the current one.
func (s Store) Delete(key, etag string) Answer {
	header := http.Header{}
	if etag != "" {
		header.Set("If-Match", etag)
	}
	return s.call(http.MethodDelete, "/"+url.PathEscape(key), nil, header)
}

// BulkGet reads several keys in one call.
func (s Store) BulkGet(keys ...string) Answer {
	return s.call(http.MethodPost, "/bulk", map[string]any{"keys": keys}, nil)
}

// Transact applies operations wholly or not at all.
func (s Store) Transact(operations ...Operation) Answer {
	return s.call(http.MethodPost, "/transaction", map[string]any{"operations": operations}, nil)
}

func (s Store) call(method, path string, body any, header http.Header) Answer {
	return call(method, s.daprd.URL("/v1.0/state/"+s.name+path), body, header)
}

// Call sends a request to a daprd; body becomes JSON, nil none.
func Call(method, url string, body any) Answer { return call(method, url, body, nil) }

func call(method, url string, body any, header http.Header) Answer {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return Answer{Err: err}
		}
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(content))
	if err != nil {
		return Answer{Err: err}
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return Answer{Err: err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Answer{Status: response.StatusCode, Body: string(text), Header: response.Header, Err: err}
}

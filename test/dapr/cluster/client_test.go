package cluster

import (
	"fmt"
	"maps"
	"net/http"
	"time"

	"wasmstate.test/dapr/harness"
)

// counter is what a key holds: the sum of all increments and, for each client, how many of them
// were its own. So a client that got no clear answer can see whether its write took place.
type counter struct {
	Sum int            `json:"sum"`
	Of  map[string]int `json:"of"`
}

// client increments counters through its sidecar and remembers, for each key, what it was told.
type client struct {
	name  string
	store harness.Store
	// The greatest sum that it saw: what was once read must not be taken back.
	seen map[string]int
	// How many of its own increments took place.
	own map[string]int
}

func newClient(name string, store harness.Store) *client {
	return &client{name, store, map[string]int{}, map[string]int{}}
}

// increment adds one to a counter. Its errors are what must never be: a value that was
// acknowledged and is gone, an increment that counts twice, a store that does not come back.
func (c *client) increment(key string) error {
	for began := time.Now(); ; {
		value, etag, failure := c.read(key)
		if failure == nil {
			if value.Sum < c.seen[key] {
				return fmt.Errorf("%s was read as %d after it had been %d", key, value.Sum, c.seen[key])
			}
			c.seen[key] = value.Sum
			switch value.Of[c.name] {
			case c.own[key]:
			case c.own[key] + 1: // a write whose answer was lost took place after all
				c.own[key]++
				return nil
			default:
				return fmt.Errorf("%s holds %d increments of %s, which made %d",
					key, value.Of[c.name], c.name, c.own[key])
			}
			next := counter{value.Sum + 1, map[string]int{}}
			maps.Copy(next.Of, value.Of)
			next.Of[c.name]++
			answer := c.store.Set(harness.Item{Key: key, Value: next, ETag: etag, Options: harness.FirstWrite})
			switch answer.Status {
			case http.StatusNoContent:
				c.own[key]++
				c.seen[key] = next.Sum
				return nil
			case http.StatusConflict: // another was first
				continue
			}
			failure = fmt.Errorf("set %s: status %d: %s %v", key, answer.Status, answer.Body, answer.Err)
		}
		if time.Since(began) > 60*time.Second {
			return failure
		}
		time.Sleep(20 * time.Millisecond) // the sidecar is without its component for the moment
	}
}

// read gives a counter and its etag; a key that is not there is zero without an etag.
func (c *client) read(key string) (value counter, etag string, err error) {
	answer := c.store.Get(key)
	switch answer.Status {
	case http.StatusOK:
		err = answer.Decode(&value)
		return value, answer.ETag(), err
	case http.StatusNoContent:
		return value, "", nil
	default:
		return value, "", fmt.Errorf("get %s: status %d: %s %v", key, answer.Status, answer.Body, answer.Err)
	}
}

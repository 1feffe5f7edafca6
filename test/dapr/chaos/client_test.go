package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"wasmstate.test/dapr/chaos/history"
)

const (
	// slots are the keys that all clients write at a time.
	slots = 6
	// full is the length of a list at which clients go on with the slot's next key.
	full = 40
)

// client appends to lists, and reads several in between.
type client struct {
	name   string
	work   *workload
	random *rand.Rand
	// generation of each slot's key; other clients may be ahead or behind.
	generation [slots]int
	written    int
	// pending is an append of unknown outcome, which is tried again unless it took effect.
	pending struct{ key, id string }
}

func (c *client) run() {
	for !c.work.stopped.Load() {
		if c.random.IntN(10) == 0 {
			c.readAll()
		} else {
			c.append()
		}
	}
}

func (c *client) key(slot int) string { return fmt.Sprintf("list-%d-%d", slot, c.generation[slot]) }

// append adds an id to a list, unless another client is faster.
func (c *client) append() {
	slot := c.random.IntN(slots)
	key, id := c.key(slot), c.pending.id
	if id != "" {
		key = c.pending.key
	}
	list, etag, read := c.work.read(key)
	switch {
	case !read:
		return
	case id != "" && slices.Contains(list, id): // it took effect after all
		c.pending.id = ""
		return
	case id == "" && len(list) >= full:
		c.generation[slot]++
		return
	case id == "":
		id = fmt.Sprintf("%s.%d", c.name, c.written)
		c.written++
	}
	switch c.work.append(key, list, etag, id) {
	case history.Unknown:
		c.pending.key, c.pending.id = key, id
	case history.Done, history.Refused:
		c.pending.id = ""
	}
}

func (c *client) readAll() {
	keys := []string{}
	for slot := range slots {
		keys = append(keys, c.key(slot))
	}
	c.work.readAll(keys)
}

package harness

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

// logBuffer keeps what a process printed, up to a limit: of a longer log its beginning, where
// start-up errors are, and its end.
type logBuffer struct {
	lock sync.Mutex
	head bytes.Buffer
	tail []byte
}

const keptBytes = 64 << 10

func (l *logBuffer) Write(data []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	toHead := min(len(data), max(0, keptBytes-l.head.Len()))
	l.head.Write(data[:toHead])
	l.tail = append(l.tail, data[toHead:]...)
	if len(l.tail) > 2*keptBytes {
		l.tail = append([]byte("\n[...]\n"), l.tail[len(l.tail)-keptBytes:]...)
	}
	return len(data), nil
}

func (l *logBuffer) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return strings.TrimSpace(l.head.String() + string(l.tail))
}

// excerpt is what a person reads first: how the process began and how it ended.
func (l *logBuffer) excerpt() string {
	lines := strings.Split(l.String(), "\n")
	const first, last = 20, 60
	if len(lines) <= first+last {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines[:first], "\n") +
		fmt.Sprintf("\n[%d lines left out]\n", len(lines)-first-last) +
		strings.Join(lines[len(lines)-last:], "\n")
}

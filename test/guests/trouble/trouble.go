// Package trouble makes a guest do what hosts must bear, when it is asked for certain keys.
package trouble

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"wasmstate.test/guests/failure"
)

// kept stays reachable, so that what `alloc:` took is never collected.
var kept [][]byte

// Of acts on a key that asks for trouble; handled is false for every other key. daprd puts
// `<app id>||` before a key, so only what follows the last `||` counts.
//
//	sleep:<ms>     sleeps on a timer, then answers "slept"
//	spin           never returns
//	panic          panics
//	exit           exits with code 3
//	log:<text>     writes a line to stdout and one to stderr, answers "logged"
//	alloc:<MiB>    takes memory and keeps it, answers the bytes taken
//	error:<text>   fails with plain text
//	etag-mismatch, etag-invalid, row-mismatch, kit-error, not-found  fail with a JSON payload
func Of(key string) (answer []byte, handled bool, err error) {
	asked := key
	if prefix := strings.LastIndex(key, "||"); prefix >= 0 {
		asked = key[prefix+2:]
	}
	word, argument, _ := strings.Cut(asked, ":")
	switch word {
	case "sleep":
		ms, err := strconv.Atoi(argument)
		if err != nil {
			return nil, true, fmt.Errorf("sleep needs milliseconds, not %q", argument)
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return []byte("slept"), true, nil
	case "spin":
		for {
		}
	case "panic":
		panic("asked to panic")
	case "exit":
		os.Exit(3)
	case "log":
		fmt.Fprintln(os.Stdout, argument)
		fmt.Fprintln(os.Stderr, argument)
		return []byte("logged"), true, nil
	case "alloc":
		mib, err := strconv.Atoi(argument)
		if err != nil {
			return nil, true, fmt.Errorf("alloc needs MiB, not %q", argument)
		}
		block := make([]byte, mib<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		kept = append(kept, block)
		return []byte(strconv.Itoa(len(block))), true, nil
	case "error":
		return nil, true, errors.New(argument)
	case "etag-mismatch":
		return nil, true, failure.Mismatch(key)
	case "etag-invalid":
		return nil, true, failure.Invalid("none")
	case "row-mismatch":
		return nil, true, &failure.Failure{Code: "INTERNAL", Reason: "ROW_MISMATCH", Message: "rows", Expected: 3, Affected: 2}
	case "kit-error":
		return nil, true, &failure.Failure{
			Code: "RESOURCE_EXHAUSTED", Reason: "KIT_ERROR", Message: "out of tea", HTTPCode: 418, Tag: "ERR_TEA"}
	case "not-found":
		return nil, true, &failure.Failure{Code: "NOT_FOUND", Message: "nothing of that name"}
	}
	return nil, false, nil
}

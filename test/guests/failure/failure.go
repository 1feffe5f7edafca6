// Package failure builds the JSON errors by which a guest says which gRPC status and which
// of daprd's status details its caller shall get.
package failure

import "encoding/json"

// Failure is an error whose text is the JSON payload of the dapr dialect.
type Failure struct {
	Code     string `json:"code"`
	Reason   string `json:"reason,omitempty"`
	Message  string `json:"message"`
	Expected int    `json:"expected,omitempty"`
	Affected int    `json:"affected,omitempty"`
	HTTPCode int    `json:"httpCode,omitempty"`
	Tag      string `json:"tag,omitempty"`
}

func (f *Failure) Error() string {
	text, err := json.Marshal(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Mismatch says that key does not have the etag that the caller named.
func Mismatch(key string) error {
	return &Failure{Code: "FAILED_PRECONDITION", Reason: "ETAG_MISMATCH", Message: "etag of " + key + " differs"}
}

// Invalid says that etag is none that this store ever handed out.
func Invalid(etag string) error {
	return &Failure{Code: "INVALID_ARGUMENT", Reason: "ETAG_INVALID", Message: "not an etag: " + etag}
}

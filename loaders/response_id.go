package loaders

import (
	"encoding/base64"
	"strings"
)

// wrappedResponse is how the ids begin that LiteLLM gives to responses of the Responses API: the
// provider's id stands in base64 behind the deployment that answered, in the form
// litellm:custom_llm_provider:NAME;model_id:ID;response_id:ID.
const wrappedResponse = "bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVy"

// plainResponseID gives the provider's id of a response that LiteLLM may have wrapped, even more
// than once, so that those who saw it before the gateway meet those who saw it behind.
func plainResponseID(id string) string {
	for {
		wrapped, isResponse := strings.CutPrefix(id, "resp_")
		if !isResponse || !strings.HasPrefix(wrapped, wrappedResponse) {
			return id
		}
		text, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(wrapped, "="))
		if err != nil {
			return id
		}
		_, inner, _ := strings.Cut(string(text), ";response_id:")
		if inner == "" || isNoID(inner) {
			return id
		}
		id = inner
	}
}

// unify writes ids that some spell otherwise in the way in which they meet: a UUID in lower case,
// and one that names a trace in hex, as spans have it.
func (i *Identity) unify() {
	i.TraceID = traceUUID(i.TraceID)
	i.CallID, i.ResponseID = lowerUUID(i.CallID), lowerUUID(plainResponseID(i.ResponseID))
	i.ProviderRequestID = lowerUUID(i.ProviderRequestID)
}

func lowerUUID(id string) string {
	if isUUID(id) {
		return strings.ToLower(id)
	}
	return id
}

// traceUUID writes a trace id as spans have it: in lower case, a UUID without its dashes. Words
// that a caller made up stay as they are.
func traceUUID(id string) string {
	if isUUID(id) || len(id) == 32 {
		return ownID(id)
	}
	return id
}

func isUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return true
}

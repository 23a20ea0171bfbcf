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

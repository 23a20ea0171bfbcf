package loaders

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestPlainResponseID(t *testing.T) {
	t.Parallel()
	wrap := func(text string) string {
		return "resp_" + base64.StdEncoding.EncodeToString([]byte(text))
	}
	const of = "litellm:custom_llm_provider:openai;model_id:east-1;response_id:"
	once := wrap(of + "resp_68c1")
	for id, want := range map[string]string{
		once: "resp_68c1", wrap(of + once): "resp_68c1", strings.TrimRight(once, "="): "resp_68c1",
		wrap("litellm:custom_llm_provider:None;model_id:None;response_id:msg_7"): "msg_7",

		"": "", "resp_68c1": "resp_68c1", wrap(of): wrap(of), wrap(of + "None"): wrap(of + "None"),
		once[:60] + "!": once[:60] + "!", strings.TrimPrefix(once, "resp_"): once[5:],
		wrap("litellm_proxy:responses_api:x"): wrap("litellm_proxy:responses_api:x"),
	} {
		if got := plainResponseID(id); got != want {
			t.Errorf("%q is the response %q, want %q", id, got, want)
		}
	}
}

// TestWrappedResponseID holds that each leg knows a wrapped response by the provider's id.
func TestWrappedResponseID(t *testing.T) {
	t.Parallel()
	wrapped := "resp_" + base64.StdEncoding.EncodeToString([]byte(
		"litellm:custom_llm_provider:openai;model_id:east-1;response_id:resp_68c1"))
	for table, text := range map[Table]string{
		TableRequest: logged(wrapped, ""),
		TableSpan: `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"0b",` +
			`"startTimeUnixNano":"1790812801000000000","attributes":[` +
			`{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},` +
			`{"key":"gen_ai.response.id","value":{"stringValue":"` + wrapped + `"}}]}]}]}]}` + "\n",
		TableAnswer: `{"headers":{"x-litellm-call-id":"call-1"},` +
			`"response_id":"` + wrapped + "\"}\n",
	} {
		l := mustLoad(t, text)
		if len(l.rows[table]) != 1 || l.rows[table][0]["response_id"] != "resp_68c1" {
			t.Errorf("%s: %v", table, l.rows[table])
		}
	}
}

package pricing

import (
	"strings"
	"testing"
)

func TestModelsDev(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "api.json@2026-08-01", `{
		"openai":{"id":"openai","models":{
			"gpt-9":{"id":"gpt-9","cost":{"input":2.5,"output":15,"cache_read":0.25,
				"tiers":[{"input":5,"output":22.5,"cache_read":0.5,
					"tier":{"type":"context","size":272000}}],
				"context_over_200k":{"input":7,"output":30}},
				"experimental":{"modes":{"fast":{"cost":{"input":5,"output":30}}}}},
			"gpt-open":{"id":"gpt-open"}}},
		"google-vertex":{"models":{"gemini-9":{"cost":{"input":1.25,"output":10,"reasoning":12,
			"input_audio":3,"cache_read":0,
			"context_over_200k":{"input":2.5,"output":15,"cache_read":0.25}}}}},
		"google-vertex-anthropic":{"models":{"claude-9@20260101":{"cost":{"input":3,"output":15,
			"cache_write":3.75}}}},
		"amazon-bedrock":{"models":{"global.anthropic.claude-9":{"cost":{"input":3,"output":15}},
			"anthropic.claude-9":{"cost":{"input":3.3,"output":16.5}}}},
		"xai":{"models":{"grok-9":{"cost":{"input":3,"output":15,
			"tiers":[{"input":6,"output":30,"tier":{"type":"context","size":200000}}]}}}}}`)
	checkRates(t, book, [][3]string{
		{"openai gpt-9 2026-08-02", "input=600 cache_read=400 output=100", "rated 0.0031"},
		{"openai gpt-9 2026-08-02", "input=272000", "rated 0.68"},
		{"openai gpt-9 2026-08-02", "input=272001", "rated 1.360005"},
		{"openai gpt-9 2026-08-02 tier=priority", "input=1000 output=100", "rated 0.008"},
		{"openai gpt-open 2026-08-02", "input=1", "unpriced"},
		{"vertex gemini-9 2026-08-02", "input=1000 audio_in=100 reasoning=10", "rated 0.00167"},
		{"vertex gemini-9 2026-08-02", "cache_read=100", "unpriced"},
		{"vertex gemini-9 2026-08-02", "input=200001 cache_read=100", "rated 0.5000275"},
		{"vertex claude-9@20260101 2026-08-02", "cache_write_5m=1000", "rated 0.00375"},
		{"bedrock global.anthropic.claude-9 2026-08-02", "input=1000", "rated 0.003"},
		{"bedrock us.anthropic.claude-9 2026-08-02", "input=1000", "rated 0.0033"},
		{"xai grok-9 2026-08-02", "input=200000", "rated 1.2"},
	})
}

func TestJSONWithoutPricesIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"Count":1,"Items":[{"retailPrice":0.0025}]}`:               "Count: not a model",
		`{"prices":[{"id":"gpt-4o","vendor":"openai","input":2.5}]}`: "prices: not a model",
		`{"gpt-5":{"litellm_provider":"openai"}}`:                    "gpt-5: no price",
		`{"data":[]}`: "it has no entries",
		`[]`:          "it has no entries",
	} {
		_, err := builtin(t).With("list.json@2026-08-01", strings.NewReader(text))
		if err == nil || !strings.HasSuffix(err.Error(), "no price could be read: "+want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

package pricing

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNamesOfOneModelAgree(t *testing.T) {
	agree(t, map[string][]Query{
		"claude-sonnet-5": {
			{Provider: "anthropic", Model: "claude-sonnet-5"},
			{Provider: "anthropic", Model: "anthropic/claude-sonnet-5"},
			{Provider: "Anthropic", Model: "Claude Sonnet 5"},
			{Model: "claude-sonnet-5"},
			{Model: "litellm_proxy/anthropic/claude-sonnet-5"},
			{Provider: "anthropic", Model: "claude-sonnet-5[1m]"},
		},
		"claude-sonnet-4-5": {
			{Provider: "anthropic", Model: "claude-sonnet-4-5-20250929"},
			{Provider: "anthropic", Model: "Claude Sonnet 4.5"},
			{Provider: "anthropic", Model: "claude-sonnet-4.5"},
			{Provider: "anthropic", Model: "claude-sonnet-4-5@20250929"},
		},
		"gpt-5": {
			{Provider: "openai", Model: "gpt-5"},
			{Provider: "openai", Model: "GPT-5-2025-08-07"},
			{Model: "openai/gpt-5"},
			{Provider: "azure.ai.openai", Model: "azure/gpt-5-2025-08-07"},
			{Provider: "compat", Model: "openai/gpt-5"},
			{Provider: "openai", Model: "@openai-prod/gpt-5-2025-08-07"},
			{Provider: "azure-openai", Model: "@eu/gpt-5"},
		},
		"anthropic.claude-sonnet-4-5-20250929-v1:0": {
			{Provider: "aws.bedrock", Model: "anthropic.claude-sonnet-4-5-20250929-v1:0"},
			{Provider: "bedrock", Model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"},
			{Model: "bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
			{Model: "bedrock/eu-central-1/anthropic.claude-sonnet-4-5-20250929-v1:0"},
			{Provider: "bedrock", Model: "anthropic.claude-sonnet-4-5-20250929"},
			{Provider: "bedrock_converse", Model: "claude-sonnet-4-5"},
		},
		"claude-sonnet-4-5@20250929": {
			{Provider: "gcp.vertex_ai", Model: "claude-sonnet-4-5@20250929"},
			{Model: "vertex_ai/claude-sonnet-4-5@20250929"},
			{Model: "projects/p/locations/us-east5/publishers/anthropic/models/" +
				"claude-sonnet-4-5@20250929"},
		},
		"gemini-2.5-flash": {
			{Provider: "gcp.gemini", Model: "models/gemini-2.5-flash"},
			{Model: "gemini/gemini-2.5-flash"},
			{Model: "publishers/google/models/gemini-2.5-flash"},
		},
		"grok-4-0709": {
			{Provider: "X", Model: "grok-4"},
			{Provider: "compat", Model: "grok/grok-4"},
		},
		"openai/gpt-oss-120b": {
			{Provider: "groq", Model: "openai/gpt-oss-120b"},
			{Model: "groq/openai/gpt-oss-120b"},
		},
	})
}

// TestNamesOfBills has models that bills call otherwise than calls do.
func TestNamesOfBills(t *testing.T) {
	agree(t, map[string][]Query{
		"moonshotai.kimi-k2-thinking": {
			{Provider: "bedrock", Model: "moonshot.kimi-k2-thinking"},
			{Model: "bedrock/moonshot.kimi-k2-thinking"},
			{Provider: "bedrock", Model: "moonshotai.kimi-k2-thinking"},
		},
		"gemini-3-flash-preview": {
			{Provider: "vertex", Model: "gemini-3-flash"},
			{Provider: "google", Model: "gemini-3-flash"},
			{Model: "vertex_ai/gemini-3-flash-preview"},
		},
		"gemini-3.1-pro-preview": {
			{Provider: "vertex", Model: "gemini-3-pro"},
			{Provider: "vertex", Model: "gemini-3-pro-preview"},
			{Provider: "google", Model: "gemini-3-pro"},
			{Model: "gemini/gemini-3-pro-preview"},
			{Model: "vertex_ai/gemini-3.1-pro-preview"},
		},
	})
}

// agree wants each name to be priced as the model.
func agree(t *testing.T, models map[string][]Query) {
	t.Helper()
	book := builtin(t)
	for model, queries := range models {
		for _, q := range queries {
			keys := book.Keys(q)
			last := keys[len(keys)-1]
			if last.Model != model || last.Status != priced {
				t.Errorf("%+v: %s %s, want %s priced; %s %v",
					q, last.Model, last.Status, model, last.Hint, last.Path)
			}
		}
	}
}

func TestUnknownNamesAreUnpricedWithAHint(t *testing.T) {
	book := builtin(t)
	for _, test := range []struct {
		q    Query
		hint string
	}{
		{Query{Provider: "openai", Model: "gpt-5-2026-01-31"}, "its family gpt-5 is"},
		{Query{Provider: "openai", Model: "anthropic/claude-sonnet-5"},
			"the model name says anthropic"},
		{Query{Provider: "bedrock",
			Model: "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc"}, "map it"},
		{Query{Provider: "bedrock", Model: "moonshot.kimi-k2-thinking", Region: "eu-west-3"},
			"not listed"},
		{Query{Provider: "openai", Model: ""}, "no model"},
		{Query{Provider: "xai", Model: "gpt-5"}, "openai"},
		{Query{Provider: "openai", Model: "gpt-4o", ServiceTier: "flex"}, "no flex price"},
		{Query{Provider: "vertex", Model: "claude-sonnet-5", Region: "mars-1"}, "not listed"},
		{Query{Provider: "openai", Model: "ft:gpt-5:acme::x1"}, "ft:gpt-5"},
	} {
		for _, key := range book.Keys(test.q) {
			if key.Status != unpriced || key.PriceKey != "" ||
				!strings.Contains(key.Hint, test.hint) {
				t.Errorf("%+v: %s %q, want %q", test.q, key.Status, key.Hint, test.hint)
			}
		}
	}
}

func TestKeysCoverAllTime(t *testing.T) {
	book := builtin(t)
	sheets := book.Sheets()
	for _, sheet := range sheets {
		q := Query{sheet.Provider, sheet.Model, sheet.ServiceTier, sheet.Region}
		keys := book.Keys(q)
		if !keys[0].From.IsZero() || !keys[len(keys)-1].To.IsZero() {
			t.Fatalf("%+v: keys do not reach both ends", q)
		}
		for i, key := range keys {
			if i > 0 && !keys[i-1].To.Equal(key.From) {
				t.Fatalf("%+v: gap or overlap at %s", q, key.From)
			}
			if key.Status == priced && !slices.ContainsFunc(sheets, func(s Sheet) bool {
				return s.PriceKey == key.PriceKey && s.holds(key.From, 0)
			}) {
				t.Fatalf("%+v: priced at %s without a sheet", q, key.From)
			}
		}
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.PriceKey == sheet.PriceKey }) {
			t.Fatalf("%+v: never finds its own sheet %s: %+v", q, sheet.PriceKey, keys)
		}
	}
}

func TestDatedAlias(t *testing.T) {
	keys := builtin(t).Keys(Query{Provider: "openai", Model: "gpt-4o-2024-08-06"})
	if len(keys) != 2 || keys[0].Model != "gpt-4o-2024-08-06" || keys[1].Model != "gpt-4o" ||
		!keys[1].From.Equal(time.Date(2024, 11, 15, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", keys)
	}
}

// TestBillNamesOfGemini3Pro holds that Google's SKUs, which name no preview, mean the Pro model
// that was served on their day.
func TestBillNamesOfGemini3Pro(t *testing.T) {
	for provider, end := range map[string]time.Time{
		"google": time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC),
		"vertex": time.Date(2026, 3, 26, 0, 0, 0, 0, time.UTC),
	} {
		for _, name := range []string{"gemini-3-pro", "gemini-3-pro-preview"} {
			keys := builtin(t).Keys(Query{Provider: provider, Model: name})
			last := keys[len(keys)-1]
			if keys[0].Model != "gemini-3-pro-preview" || last.Model != "gemini-3.1-pro-preview" ||
				last.Status != priced {
				t.Errorf("%s %s: %+v", provider, name, keys)
			}
			for _, key := range keys {
				if isOld := key.From.Before(end); isOld != (key.Model == "gemini-3-pro-preview") {
					t.Errorf("%s %s from %s: %s", provider, name, key.From, key.Model)
				}
			}
		}
	}
}

func TestSheetsDoNotOverlap(t *testing.T) {
	sheets := builtin(t).Sheets()
	for i, a := range sheets {
		if a.ID != int64(i+1) {
			t.Fatalf("sheet %d has id %d", i, a.ID)
		}
		for _, b := range sheets[i+1:] {
			if a.PriceKey != b.PriceKey {
				break
			}
			sameTime := (span{a.From, a.To}).overlaps(span{b.From, b.To})
			samePrompt := (a.MaxPrompt == 0 || b.MinPrompt < a.MaxPrompt) &&
				(b.MaxPrompt == 0 || a.MinPrompt < b.MaxPrompt)
			sameHours := a.TodTo == 0 || a.TodFrom < b.TodTo && b.TodFrom < a.TodTo
			if sameTime && samePrompt && sameHours {
				t.Fatalf("sheets %d and %d of %s overlap", a.ID, b.ID, a.PriceKey)
			}
		}
	}
}

// TestNamesBeginWithASign holds that a sign in front, as Workers AI writes it, is no version's.
func TestNamesBeginWithASign(t *testing.T) {
	keys := builtin(t).Keys(Query{Provider: "workers-ai", Model: "@cf/meta/llama-3.1-8b-instruct"})
	if len(keys) != 1 || keys[0].Model != "@cf/meta/llama-3.1-8b-instruct" {
		t.Errorf("the model is read as %q", keys[0].Model)
	}
	keys = builtin(t).Keys(Query{Model: "@openai-prod/gpt-5"})
	if len(keys) != 1 || keys[0].Status == priced {
		t.Errorf("a slug alone tells a provider: %+v", keys)
	}
}

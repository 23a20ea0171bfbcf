package pricing

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

// litellmCase is one of the research's LiteLLM cases: it brings its own rates.
type litellmCase struct {
	ID, Model, Provider string
	ServiceTier         *string         `json:"service_tier"`
	Usage               json.RawMessage `json:"usage"`
	Rates               map[string]any
	Input               *string `json:"expected_input_cost"`
	Output              *string `json:"expected_output_cost"`
	Basis               string
}

// deviations are the cases that we answer otherwise, on purpose.
func deviations() map[string]string {
	return map[string]string{
		"gpt4_flex_fallback":              "unpriced: a missing tier is never the standard price",
		"threshold_flex_ignores_priority": "unpriced: a missing tier is never the standard price",
	}
}

func TestLiteLLMCases(t *testing.T) {
	text, err := io.ReadAll(shared(t, "litellm/cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []litellmCase }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		if c.Basis != "assert" {
			continue // how LiteLLM errs, not what is right
		}
		if why, ok := deviations()[c.ID]; ok {
			t.Logf("%s: %s", c.ID, why)
			continue
		}
		t.Run(c.ID, func(t *testing.T) { checkLiteLLMCase(t, c) })
	}
}

func checkLiteLLMCase(t *testing.T, c litellmCase) {
	t.Helper()
	at := time.Date(2026, 1, 1, 18, 0, 0, 0, time.UTC)
	tier := ""
	if c.ServiceTier != nil {
		tier = *c.ServiceTier
	}
	entry := map[string]any{"litellm_provider": c.Provider}
	for key, rate := range c.Rates {
		entry[litellmKey(key, tier, c.Provider)] = rate
	}
	list, err := json.Marshal(map[string]any{c.Model: entry})
	if err != nil {
		t.Fatal(err)
	}
	book, err := builtin(t).Bare().With("litellm.json@2026-01-01", strings.NewReader(string(list)))
	if err != nil {
		t.Fatal(err)
	}
	usage, err := ReadUsage(c.Provider, c.Usage)
	if err != nil {
		t.Fatal(err)
	}
	rating := book.Rate(Call{
		Query: Query{Provider: c.Provider, Model: c.Model, ServiceTier: tier}, At: at,
		Counts: usage.Counts, PromptTokens: usage.PromptTokens, Other: usage.Other,
	})
	var input, output USD
	for _, line := range rating.Lines {
		if line.TokenType.isPrompt() || strings.HasPrefix(string(line.TokenType), "other_") {
			input = input.Add(line.Amount)
		} else {
			output = output.Add(line.Amount)
		}
	}
	if c.Input != nil && mustUSD(t, *c.Input).Cmp(input) != 0 ||
		c.Output != nil && mustUSD(t, *c.Output).Cmp(output) != 0 {
		t.Errorf("%s: input %s, output %s, want %v, %v; %s %v; counts %v; skipped %v", c.ID,
			input, output, text(c.Input), text(c.Output), rating.Status, rating.Hint,
			usage.Counts, book.Skipped())
	}
}

// litellmKey turns a case's already chosen rate ("effective_input") into the map's key.
func litellmKey(key, tier, provider string) string {
	name, ok := strings.CutPrefix(key, "effective_")
	if !ok {
		return key
	}
	base := map[string]string{
		"input": "input_cost_per_token", "output": "output_cost_per_token",
		"cache_read":  "cache_read_input_token_cost",
		"cache_write": "cache_creation_input_token_cost",
	}[name]
	if tier = plainTier(provider, tier); tier != standardTier {
		return base + "_" + tier
	}
	return base
}

func text(value *string) string {
	if value == nil {
		return "-"
	}
	return *value
}

// TestLiteLLMMapIsTakenInWhole imports the whole map: every entry and every cost key is a price
// or stands in the list of what is skipped.
func TestLiteLLMMapIsTakenInWhole(t *testing.T) {
	text, err := io.ReadAll(shared(t, "litellm/model_prices_and_context_window.json"))
	if err != nil {
		t.Fatal(err)
	}
	book, err := builtin(t).With("litellm.json@2026-08-01", strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	reasons := make(map[string]int)
	seen := make(map[string]bool)
	for _, skipped := range book.Skipped() {
		seen[skipped.Entry+" "+strings.SplitN(skipped.Key, ".", 2)[0]] = true
		seen[skipped.Entry+" "] = seen[skipped.Entry+" "] || skipped.Key == ""
		reason, _, _ := strings.Cut(skipped.Reason, " the model of ")
		reason, _, _ = strings.Cut(reason, " as ")
		reason, _, _ = strings.Cut(reason, ": ")
		reasons[reason]++
	}
	for _, row := range book.prices {
		if row.file == "litellm.json" {
			entry, key, _ := strings.Cut(strings.TrimPrefix(row.source, "litellm.json: "), " ")
			key, _, _ = strings.Cut(key, "; before ")
			for word := range strings.FieldsSeq(key) {
				seen[entry+" "+strings.SplitN(word, ".", 2)[0]] = true
			}
		}
	}
	var entries map[string]map[string]any
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		t.Fatal(err)
	}
	keys := 0
	for entry, fields := range entries {
		if seen[entry+" "] {
			continue
		}
		for key, value := range fields {
			if value == nil || !isCostKey(key) || key == "web_search_billing_unit" {
				continue
			}
			keys++
			if !seen[entry+" "+key] {
				t.Errorf("%s %s is dropped in silence", entry, key)
			}
		}
	}
	t.Logf("%d entries, %d cost keys, %d rows, %d skipped", len(entries), keys,
		book.Lists()[len(book.Lists())-1].Rows, len(book.Skipped()))
	for reason, n := range reasons {
		t.Logf("%5d %s", n, reason)
	}
}

// TestLiteLLMKeysOfOneProvider: a prompt of just as many tokens as the key says is long for xAI
// only; the tokens of video are a price of their own where the images have none.
func TestLiteLLMKeysOfOneProvider(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "litellm.json@2026-01-01", `{
		"xai/grok-9": {"litellm_provider": "xai", "input_cost_per_token": 1e-6,
			"input_cost_per_token_above_128k_tokens": 2e-6},
		"gpt-9": {"litellm_provider": "openai", "input_cost_per_token": 1e-6,
			"input_cost_per_token_above_128k_tokens": 2e-6},
		"deepinfra/meta/llama-9": {"litellm_provider": "deepinfra", "input_cost_per_token": 3e-6},
		"gemini/omni": {"litellm_provider": "gemini", "input_cost_per_token": 1e-6,
			"output_cost_per_token": 9e-6, "output_cost_per_video_token": 1.75e-5},
		"gemini/omni-2": {"litellm_provider": "gemini", "input_cost_per_token": 1e-6,
			"output_cost_per_image_token": 3e-5, "output_cost_per_video_token": 1.75e-5}
	}`)
	checkRates(t, book, [][3]string{
		{"xai grok-9 2026-02-01", "input=127999", "rated 0.127999"},
		{"xai grok-9 2026-02-01", "input=128000", "rated 0.256"},
		{"openai gpt-9 2026-02-01", "input=128000", "rated 0.128"},
		{"openai gpt-9 2026-02-01", "input=128001", "rated 0.256002"},
		{"deepinfra deepinfra/meta/llama-9 2026-02-01", "input=1000", "rated 0.003"},
		{"deepinfra meta/llama-9 2026-02-01", "input=1000", "rated 0.003"},
		{"novita deepinfra/meta/llama-9 2026-02-01", "input=1000", "unpriced"},
		{"google omni 2026-02-01", "image_out=1000", "rated 0.0175"},
		{"google omni-2 2026-02-01", "image_out=1000", "rated 0.03"},
	})
}

// TestLiteLLMEntriesLoseNoPrice: what a call of the model counts has a price where the map has one
// under another key, in another entry of the model or for another region of it.
func TestLiteLLMEntriesLoseNoPrice(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "litellm.json@2026-01-01", `{
		"whisper-9": {"litellm_provider": "openai", "mode": "audio_transcription",
			"input_cost_per_second": 0.0001},
		"machine-9": {"litellm_provider": "openai", "mode": "chat",
			"input_cost_per_second": 0.0001},
		"draw-9": {"litellm_provider": "openai", "mode": "image_generation",
			"input_cost_per_token": 5e-6, "output_cost_per_image_token": 4e-5},
		"draw-0": {"litellm_provider": "openai", "input_cost_per_token": 5e-6,
			"output_cost_per_token": 0, "output_cost_per_image_token": 4e-5},
		"azure/gpt-9": {"litellm_provider": "azure", "input_cost_per_token": 1.1e-6,
			"cache_read_input_token_cost": 5e-7, "input_cost_per_token_above_9k_tokens": 9e-6},
		"azure/global-standard/gpt-9": {"litellm_provider": "azure",
			"input_cost_per_token": 1e-6},
		"azure/o1-mini": {"litellm_provider": "azure", "input_cost_per_token": 1e-6},
		"azure/o1-mini-2024-09-12": {"litellm_provider": "azure", "input_cost_per_token": 2e-6},
		"azure/eu/o1-mini-2024-09-12": {"litellm_provider": "azure",
			"input_cost_per_token": 3e-6}
	}`)
	checkRates(t, book, [][3]string{
		{"openai draw-9 2026-02-01", "output=1000", "rated 0.04"},
		{"openai draw-0 2026-02-01", "output=1000", "rated 0.04"},
		{"azure gpt-9 2026-02-01", "input=10000", "rated 0.01"},
		{"azure gpt-9 2026-02-01", "cache_read=1000", "rated 0.0005"},
		{"azure o1-mini 2026-02-01", "input=1000", "rated 0.001"},
		{"azure o1-mini-2024-09-12 2026-02-01", "input=1000", "rated 0.002"},
		{"azure azure/eu/o1-mini-2024-09-12 2026-02-01", "input=1000", "rated 0.003"},
	})
	for model, want := range map[string]string{
		"whisper-9": "rated 0.009", "machine-9": "unpriced 0",
	} {
		rating := book.Rate(Call{Query: Query{Provider: "openai", Model: model},
			At:    time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
			Other: map[string]int64{audioSecond: 90}})
		if got := rating.Status + " " + rating.Total.String(); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}
}

// TestLiteLLMQueries: what is charged a query is not free where only tokens are counted.
func TestLiteLLMQueries(t *testing.T) {
	book := withList(t, builtin(t).Bare(), "litellm.json@2026-01-01", `{
		"rank-9": {"litellm_provider": "cohere", "input_cost_per_query": 0.002,
			"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
		"rank-0": {"litellm_provider": "cohere", "input_cost_per_query": 0.0,
			"input_cost_per_token": 0.0}
	}`)
	checkRates(t, book, [][3]string{
		{"cohere rank-9 2026-02-01", "input=1000", "unpriced"},
		{"cohere rank-0 2026-02-01", "input=1000", "rated 0"},
	})
	usage, err := ReadUsage("cohere", []byte(`{"results":[],"meta":{"billed_units":{
		"search_units":3}}}`))
	if err != nil {
		t.Fatal(err)
	}
	rating := book.Rate(Call{Query: Query{Provider: "cohere", Model: "rank-9"},
		At:     time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		Counts: usage.Counts, Other: usage.Other})
	if got := rating.Status + " " + rating.Total.String(); got != "rated 0.006" {
		t.Errorf("three searches: %s", got)
	}
	for _, units := range []string{`{"images":2}`, `{"classifications":1}`} {
		usage, err := ReadUsage("cohere", []byte(`{"billed_units":`+units+`}`))
		if err != nil {
			t.Fatal(err)
		}
		rating := builtin(t).Rate(Call{Query: Query{Provider: "cohere", Model: "embed-v4.0"},
			Counts: usage.Counts, Other: usage.Other})
		if rating.Status != unpriced {
			t.Errorf("%s: %s", units, rating.Status)
		}
	}
}

// TestLiteLLMOffPeakWindows: an off-peak price holds in several windows of the day or in all of
// it; where its hours are not supported the peak price says so.
func TestLiteLLMOffPeakWindows(t *testing.T) {
	entry := func(model, hours string) string {
		return `"` + model + `": {"litellm_provider": "openai", "input_cost_per_token": 1e-6,
			"off_peak_pricing": {` + hours + `, "input_cost_per_token": 5e-7}}`
	}
	book := withList(t, builtin(t).Bare(), "litellm.json@2026-01-01", "{"+strings.Join([]string{
		entry("two-9", `"hours_utc": ["01:00-05:00", "13:00-16:00"]`),
		entry("listed-9", `"windows": [{"hours_utc": "22:00-02:00"}]`),
		entry("all-9", `"hours_utc": "00:00-00:00"`),
		entry("both-9", `"hours_utc": ["01:00-05:00", "04:00-16:00"]`),
		entry("week-9", `"windows": [{"hours_utc": "01:00-05:00", "weekdays": [0]}]`),
	}, ",")+"}")
	checkRates(t, book, [][3]string{
		{"openai two-9 2026-02-01T03:00:00Z", "input=1000", "rated 0.0005"},
		{"openai two-9 2026-02-01T05:00:00Z", "input=1000", "rated 0.001"},
		{"openai two-9 2026-02-01T13:00:00Z", "input=1000", "rated 0.0005"},
		{"openai listed-9 2026-02-01T01:59:00Z", "input=1000", "rated 0.0005"},
		{"openai listed-9 2026-02-01T02:00:00Z", "input=1000", "rated 0.001"},
		{"openai all-9 2026-02-01T09:00:00Z", "input=1000", "rated 0.0005"},
		{"openai both-9 2026-02-01T03:00:00Z", "input=1000", "rated 0.001"},
	})
	week := rateAt(t, book, "openai week-9 2026-02-01T03:00:00Z", "input=1000")
	if !strings.Contains(week.Lines[0].Source, "at its peak") || week.Total.String() != "0.001" {
		t.Errorf("%s of %+v", week.Total, week.Lines)
	}
}

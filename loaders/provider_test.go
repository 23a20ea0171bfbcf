package loaders

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestClassesOfOpenAILineItems(t *testing.T) {
	for item, want := range map[string][2]string{
		"gpt-4o-mini-2024-07-18, input":        {"gpt-4o-mini-2024-07-18", "input"},
		"gpt-4o-mini-2024-07-18, cached input": {"gpt-4o-mini-2024-07-18", "cache_read"},
		"gpt-5-nano, input_tokens":             {"gpt-5-nano", "input"},
		"gpt-5-nano, text input tokens":        {"gpt-5-nano", "input"},
		"gpt-5-nano, input_cached_tokens":      {"gpt-5-nano", "cache_read"},
		"gpt-5-nano, cache write input":        {"gpt-5-nano", "cache_write"},
		"gpt-5-nano, input_cache_write_tokens": {"gpt-5-nano", "cache_write"},
		"gpt-5-nano, Output":                   {"gpt-5-nano", "output"},
		"gpt-audio, audio input":               {"gpt-audio", "audio_in"},
		"gpt-audio, cached audio input":        {"gpt-audio", "audio_cached_in"},
		"gpt-audio, audio_output_tokens":       {"gpt-audio", "audio_out"},
		"gpt-image-1, image cached input":      {"gpt-image-1", "image_cached_in"},
		"gpt-image-1, image output":            {"gpt-image-1", "image_out"},
		"gpt-image-1, output":                  {"gpt-image-1", "image_out"},
		"gpt-image-1.5, text output":           {"gpt-image-1.5", "output"},
		"gpt-image-1.5 text, output":           {"gpt-image-1.5", "output"},
		"ft:gpt-4o-mini:acme, inc, input":      {"ft:gpt-4o-mini:acme, inc", "input"},
		"gpt-5, cache writes":                  {"gpt-5", "cache_write"},
		"gpt-5, telepathic input":              {"gpt-5", ""},
		"gpt-audio-mini audio, input":          {"gpt-audio-mini", "audio_in"},
		"gpt-audio-mini text, output":          {"gpt-audio-mini", "output"},
		"gpt-image-2.5 image, cached input":    {"gpt-image-2.5", "image_cached_in"},
		"gpt-5, cached output":                 {"gpt-5", ""},
		"gpt-5, output write":                  {"gpt-5", ""},
		"gpt-5, tokens":                        {"gpt-5", ""},
		"gpt-5, ":                              {"gpt-5", ""},
		"web search tool calls":                {"", "web_search"},
		"file search tool calls":               {"", "file_search_call"},
		"code interpreter sessions":            {"", "other_session"},
		"vector storage":                       {"", ""},
		"":                                     {"", ""},
	} {
		if got := parseLineItem(item); got != (openaiItem{model: want[0], tokenType: want[1]}) {
			t.Errorf("%q: got %q, want %q", item, got, want)
		}
	}
}

func TestTiersOfLineItems(t *testing.T) {
	for text, want := range map[string]openaiItem{
		"priority | gpt-5.6-sol, output":           {"gpt-5.6-sol", "output", "priority", ""},
		"gpt-5.6-sol, input, long context":         {"gpt-5.6-sol", "input", "", "long"},
		"flex | gpt-5, cache writes, long context": {"gpt-5", "cache_write", "flex", "long"},
		"gpt-5, batch input":                       {"gpt-5", "input", "batch", ""},
		"gpt-5, cached input, batch":               {"gpt-5", "cache_read", "batch", ""},
		"Assistants API | file search":             {},
		"long context":                             {},
		"priority | web search tool calls":         {"", "web_search", "priority", ""},
		"priority | gpt-audio-mini audio, output":  {"gpt-audio-mini", "audio_out", "priority", ""},
		"gpt-5, batch, long context":               {tier: "batch", context: "long"},
		"ft:gpt-5:acme, inc, input, long context":  {"ft:gpt-5:acme, inc", "input", "", "long"},
	} {
		if got := parseLineItem(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestThousandsOfTokens(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1000.", "1.5": "1500.", "0.001": "0001.", "12.3456": "12345.6", "": "", ".25": "250.",
	} {
		if got := thousandfold(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got, err := openaiQuantity("120.5", "1000_tokens"); got != Counted(120500) || err != nil {
		t.Error(got, err)
	}
	if got, err := openaiQuantity("1.2345", "1000_tokens"); err == nil {
		t.Error("a fraction of a token was read as", got)
	}
	if got, err := openaiQuantity("7", "images"); got.Known || err != nil {
		t.Error("images were read as tokens", got, err)
	}
}

func TestContextWindows(t *testing.T) {
	for text, want := range map[string]string{
		"≤ 200k": "0-200k", "0-200k": "0-200k", "> 200k": "200k-1m", "200k-1M": "200k-1m",
		"--": "", "": "", "1M+": "1m+",
	} {
		if got := contextTier(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestMissingColumnsAreNamed(t *testing.T) {
	for _, c := range []struct{ format, path, without, want string }{
		{"openai.completions_usage.csv", "openai_usage/columns_26.csv", "input_tokens",
			"looks like openai.completions_usage.csv but lacks input_tokens"},
		{"openai.cost.csv", "openai_cost/columns_17.csv", "line_item",
			"looks like openai.cost.csv but lacks line_item"},
		{"anthropic.tokens.csv", "anthropic_tokens/columns_14.csv", "usage_output_tokens",
			"looks like anthropic.tokens.csv but lacks usage_output_tokens"},
		{"anthropic.cost.csv", "anthropic_cost/columns_11.csv", "cost_usd",
			"looks like anthropic.cost.csv but lacks cost_usd"},
	} {
		content, err := os.ReadFile("testdata/" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		if l := mustLoad(t, string(content)); l.Format != c.format {
			t.Errorf("%s was taken for %s", c.path, l.Format)
		}
		_, err = loadText(t, strings.Replace(string(content), c.without, "renamed", 1))
		var file *FileError
		if !errors.As(err, &file) || !file.Resembles || !strings.Contains(file.Problem, c.want) {
			t.Errorf("%s without %s: %v", c.path, c.without, err)
		}
	}
}

func TestColumnsAreFoundByNameInAnyDress(t *testing.T) {
	content, err := os.ReadFile("testdata/anthropic_cost/columns_11.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := mustLoad(t, string(content)).describe()
	dressed := "\ufeff" + strings.ReplaceAll(string(content), "\n", "\r\n")
	dressed = strings.Replace(dressed, "usage_date_utc,model", "Usage_Date_UTC, model", 1)
	got := mustLoad(t, dressed).describe()
	diffLines(t, "with BOM, CRLF and capitals", strings.Split(got, "\n"), strings.Split(want, "\n"))
}

func TestUserNamesAndMailAreNotStored(t *testing.T) {
	content, err := os.ReadFile("testdata/openai_cost/columns_17.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "someone@example.com") {
		t.Fatal("the testdata has no mail address to look for")
	}
	refused := strings.ReplaceAll(string(content), "usd", "eur")
	for _, text := range []string{string(content), refused} {
		if got := mustLoad(t, text).describe(); strings.Contains(got, "example.com") {
			t.Error("a mail address was stored:\n" + got)
		}
	}
}

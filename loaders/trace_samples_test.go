package loaders

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryTraceSampleLoads holds that each shared sample is read whole; what is refused are
// fragments of spans, which have no ids or no times.
func TestEveryTraceSampleLoads(t *testing.T) {
	refused := map[string]string{
		"envoy_oi_chat-detailed-usage.json": "traceId or spanId is missing, so the span cannot " +
			"be told from a copy",
		"envoy_oi_chat-streaming.json": "traceId or spanId is missing, so the span cannot " +
			"be told from a copy",
		"oi_genai_otel_genai_client_span_tool_calls.json": "attributes without a span's ids and " +
			"times: export whole spans",
	}
	var paths []string
	for _, folder := range []string{"traces/*.*", "traces/real/*.json"} {
		found, err := filepath.Glob(filepath.Join(samples, folder))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Skip("no shared samples")
	}
	for _, path := range paths {
		l, err := loadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		reason := refused[filepath.Base(path)]
		for _, r := range l.rows[TableReject] {
			if reason == "" || r["reason"] != reason {
				t.Errorf("%s: line %s: %s", path, r["line"], r["reason"])
			}
		}
		if l.Leg != LegTrace || l.Read+l.Ignored == 0 || l.Rejected+l.Loaded != l.Read {
			t.Errorf("%s: %s, %+v", path, l.Format, l.Tally)
		}
	}
}

// TestTraceSamplesSayWhoCountsWhat holds the reading of each sample that has cached tokens, or
// leaves them out.
func TestTraceSamplesSayWhoCountsWhat(t *testing.T) {
	for _, c := range []struct {
		file, span string
		want       string
	}{
		{"openinference.jsonl", "c100000000000003", "includes_cache: OpenInference rule"},
		{"openinference.jsonl", "c200000000000001", "excludes_cache: OpenInference for " +
			"JavaScript writes the provider's own count"},
		{"langfuse_otlp.jsonl", "7100000000000001",
			"excludes_cache: more cached than prompt tokens"},
		{"langfuse_observations_export.jsonl", "7100000000000001",
			"excludes_cache: more cached than prompt tokens"},
		{"portkey_kong.jsonl", "6100000000000002",
			"includes_cache: the provider's own count holds the cached tokens"},
		{"zipkin.jsonl", "1100000000000002",
			"includes_cache: the provider's own count holds the cached tokens"},
		{"vercel_ai.jsonl", "4100000000000002",
			"includes_cache: the provider's usage in ai.response.providerMetadata"},
		{"litellm_otel_v1.jsonl", "e200000000000002",
			"includes_cache: the provider's usage in raw_gen_ai_request"},
	} {
		path := filepath.Join(samples, "traces", c.file)
		if _, err := os.Stat(path); err != nil {
			t.Skip("no shared samples")
		}
		l, err := loadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range l.rows[TableSpan] {
			if r["span_id"] == c.span {
				got = append(got, r["usage_convention"]+": "+r["usage_convention_how"])
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s %s: got %q, want %q", c.file, c.span, got, c.want)
		}
	}
}

// TestFileExporterSamplesGiveTheSpansOfTheJSON compares both binary samples, span by span and
// column by column, with the JSON that they were made of.
func TestFileExporterSamplesGiveTheSpansOfTheJSON(t *testing.T) {
	spans := func(name string) []string {
		l := sample(t, "traces/"+name)
		var columns []string
		for _, field := range Schemas()[TableSpan].Fields() {
			if field.Name != "line" && field.Name != "item" && field.Name != "file_id" {
				columns = append(columns, field.Name)
			}
		}
		texts := l.texts(TableSpan, columns...)
		slices.Sort(texts)
		return texts
	}
	want := spans("otlp_semconv_new.jsonl")
	for _, name := range []string{"fileexporter_legacy_json_zstd.bin",
		"fileexporter_native_json.jsonl.zst"} {
		diffLines(t, name, spans(name), want)
	}
}
